// The operator's own day, beneath the cards for rework: numbers, promised calls, the latest talks.

import { el } from "./dom.js";
import { clockLength, maskedPhone } from "./format.js";
import { texts } from "./texts.js";

const words = texts.day;

function number(value, label) {
  return el("div", { class: "day-number" }, el("dt", {}, label), el("dd", {}, value));
}

function numbers(day) {
  const average = day.talks ? clockLength(Math.round(day.talkSeconds / day.talks)) : texts.none;
  return el(
    "dl",
    { class: "day-numbers" },
    number(String(day.talks), words.talks),
    number(average, words.average),
    ...day.results.map((item) => number(String(item.number), item.result)),
  );
}

function promisedRow(call, isDue) {
  return el(
    "li",
    { class: isDue(call.time) ? "is-due" : null },
    el("strong", {}, isDue(call.time) ? words.due(call.time) : call.time),
    ` · ${maskedPhone(call.callPhone)} · ${call.campaign}`,
  );
}

/** Until its time is over the result may be corrected; `tick` takes the button away then. */
function correctButton(item, onCorrect) {
  if (!item.correctableUntil) return "";
  const phone = maskedPhone(item.callPhone);
  return el(
    "button",
    { type: "button", class: "button button-small correct", "data-until": item.correctableUntil, "aria-label": words.correctTalk(phone), onclick: () => onCorrect(item) },
    words.correct,
  );
}

function talkRow(item, onCorrect) {
  const outcome = item.result ?? {};
  return el(
    "tr",
    {},
    el("td", { class: "nowrap" }, String(item.time).split(" ")[1] ?? item.time),
    el("td", { class: "nowrap" }, maskedPhone(item.callPhone)),
    el("td", {}, item.campaign?.displayName ?? texts.none),
    el("td", {}, outcome.result ?? texts.none),
    el("td", {}, outcome.comment ?? ""),
    el("td", { class: "nowrap" }, correctButton(item, onCorrect)),
  );
}

function latest(items, onCorrect) {
  const head = el("thead", {}, el("tr", {}, ...words.columns.map((name) => el("th", { scope: "col" }, name))));
  return el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": words.latest }, el("table", { class: "table" }, head, el("tbody", {}, ...items.map((item) => talkRow(item, onCorrect)))));
}

export function createOwnDay({ onCorrect }) {
  let talks = [];
  const element = el("section", { class: "own-day", "aria-label": words.title, hidden: true });

  /** `isDue(time)` tells whether a time of the API has come. */
  function show(day, isDue) {
    const focusedAt = buttons().indexOf(document.activeElement);
    talks = day.latest;
    element.hidden = false;
    element.replaceChildren(
      el("h2", {}, words.title),
      numbers(day),
      day.promised.length ? el("div", { class: "panel" }, el("h2", {}, words.promised), el("ul", { class: "promised" }, ...day.promised.map((call) => promisedRow(call, isDue)))) : "",
      day.latest.length ? el("div", { class: "panel" }, el("h2", {}, words.latest), latest(day.latest, onCorrect)) : "",
    );
    if (focusedAt >= 0) buttons()[focusedAt]?.focus();
  }

  function buttons() {
    return [...element.querySelectorAll(".correct")];
  }

  return {
    element,
    show,
    tick(moment) {
      for (const button of buttons()) if (Date.parse(button.dataset.until) <= moment) button.remove();
    },
    /** The latest talk whose result may be corrected, or undefined. */
    correctable: (moment) => talks.find((talk) => Date.parse(talk.correctableUntil) > moment),
  };
}
