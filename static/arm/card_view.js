// One open card: the client on the left, the result on the right. It lives from opening to saving,
// also while another card is shown, so that nothing on it moves or is lost.

import { createCard } from "./card.js";
import { el, keys } from "./dom.js";
import { createResultForm } from "./result_form.js";
import { texts } from "./texts.js";
import { createTimer, secondsLeft } from "./timer.js";

const SCROLL_PART = 0.8; // of a screen, so that the last lines read stay in sight

/** `correction` is the talk of the own day whose saved result is corrected; null: there is none saved. */
export function createCardView({ card, operator, isLive, correction, answer, now, onTyped, onSave, onRetry, onRefresh, onReveal, onCorrect, onBack }) {
  const id = card.currentCommunication.id;
  const known = createCard({ card, operator, now, onRefresh, onReveal });
  const timer = createTimer();
  const zone = card.currentCommunication.campaign?.timeZone;
  const form = createResultForm({
    id,
    answer,
    saved: correction?.result,
    zone,
    timer: timer.element,
    now,
    onTyped,
    onSave,
    onRetry,
    onCorrect,
  });
  const badge = el("span", { class: "badge" });
  const element = el(
    "main",
    { class: "card", hidden: true },
    known.element,
    el(
      "aside",
      { class: "card-side" },
      el(
        "div",
        { class: "card-side-top" },
        badge,
        el("button", { type: "button", class: "button button-small", onclick: onBack }, texts.card.back, keys("Esc")),
      ),
      form.element,
    ),
  );

  const startedAt = Date.parse(card.currentCommunication.callStartedAt) || now();
  const entry = { id, card, isLive, correction, isOver: false, isSaved: false, isSaving: false, resendsWhenBack: false, dueAt: null, form, element };

  /** Seconds until the card goes back for rework, or null while nothing runs out. */
  function seconds() {
    return entry.dueAt === null || entry.isSaved ? null : secondsLeft(entry.dueAt, now());
  }

  function refresh() {
    known.tick(now());
    const left = seconds();
    const until = Date.parse(entry.correction?.correctableUntil);
    if (left !== null) timer.show(left);
    else if (until) timer.showCorrection(secondsLeft(until, now()));
    else if (isLive && entry.dueAt === null) timer.showTalk(secondsLeft(now(), startedAt));
    else timer.hide();
    const kind = entry.correction ? "correction" : !isLive ? "rework" : entry.dueAt === null ? "inCall" : "wrapUp";
    if (badge.dataset.kind === kind) return;
    badge.dataset.kind = kind;
    badge.textContent = texts.card[kind];
  }

  /** Draws a card that has become more complete. What was typed, unfolded and focused stays. */
  function complete(next) {
    entry.card = next;
    known.draw(next);
  }

  let lastFocus = known.heading;
  element.addEventListener("focusin", (event) => {
    lastFocus = event.target;
  });

  refresh();
  return Object.assign(entry, {
    seconds,
    refresh,
    complete,
    unfold: known.unfold,
    reveal: known.reveal,
    isOverdue: () => entry.dueAt !== null && now() >= entry.dueAt,
    phone: card.currentCommunication.callPhone ?? card.clientInfo.phone,
    /** Back to where the operator was on this card; to the client's name at first. */
    focus: () => (lastFocus.isConnected ? lastFocus : known.heading).focus({ preventScroll: true }),
    scroll(direction) {
      const part = known.scroller();
      const scrolls = part.scrollHeight > part.clientHeight ? part : document.scrollingElement;
      scrolls.scrollBy({ top: direction * scrolls.clientHeight * SCROLL_PART, behavior: "auto" });
    },
  });
}
