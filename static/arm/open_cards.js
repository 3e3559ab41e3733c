// The strip of cards that are open but not shown: a call behind the list, a rework card behind a call.

import { el, keys } from "./dom.js";
import { fullName, maskedPhone } from "./format.js";
import { texts } from "./texts.js";

const words = texts.open;

function state(entry, seconds) {
  if (entry.correction) return words.correction;
  if (entry.isSaved) return words.saved;
  if (!entry.isLive) return words.rework;
  return seconds === null ? words.live : words.wrapUp(seconds);
}

function clientOf(card) {
  const client = card.clientInfo ?? {};
  return fullName(client.fullNameRu) || fullName(client.fullNameEn) || maskedPhone(client.phone);
}

export function createOpenCards({ onShow }) {
  const element = el("nav", { class: "open-cards", "aria-label": words.label, hidden: true });
  const chips = new Map();

  function chip(entry, isFirst) {
    const line = el("span", { class: "open-state" });
    const button = el(
      "button",
      { type: "button", class: "open-card", "data-live": entry.isLive, onclick: () => onShow(entry.id) },
      line,
      el("strong", {}, clientOf(entry.card)),
      el("span", { class: "open-back" }, words.back),
      isFirst ? keys(texts.help.keys.switchCard) : null,
    );
    chips.set(entry.id, line);
    return button;
  }

  /** Draws the chips anew; called when cards open, close or change places. */
  function draw(hiddenEntries) {
    chips.clear();
    element.replaceChildren(...hiddenEntries.map((entry, index) => chip(entry, index === 0)));
    element.hidden = hiddenEntries.length === 0;
  }

  function update(entry, seconds) {
    const line = chips.get(entry.id);
    const text = state(entry, seconds);
    if (line && line.textContent !== text) line.textContent = text;
  }

  return { element, draw, update };
}
