// One open card: the client on the left, the result on the right. It lives from opening to saving,
// also while another card is shown, so that nothing on it moves or is lost.

import { createCard } from "./card.js";
import { el, keys } from "./dom.js";
import { createResultForm } from "./result_form.js";
import { texts } from "./texts.js";
import { createTimer, secondsLeft } from "./timer.js";

const SCROLL_PART = 0.8; // of a screen, so that the last lines read stay in sight

export function createCardView({ card, isLive, answer, now, onTyped, onSave, onRetry, onBack, onReveal }) {
  const id = card.currentCommunication.id;
  let whole = null; // the client's number once it was asked for: it stays when the card is renewed
  const reveal = onReveal && (async () => (whole ??= await onReveal()));
  let known = createCard(card, reveal);
  const timer = createTimer();
  const form = createResultForm({ id, answer, now, onTyped, onSave, onRetry });
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
      timer.element,
      form.element,
    ),
  );

  const entry = { id, card, isLive, isSaved: false, isSaving: false, resendsWhenBack: false, dueAt: null, form, element };

  /** Seconds until the card goes back for rework, or null while nothing runs out. */
  function seconds() {
    return entry.dueAt === null || entry.isSaved ? null : secondsLeft(entry.dueAt, now());
  }

  function refresh() {
    const left = seconds();
    if (left === null) timer.hide();
    else timer.show(left);
    const kind = !isLive ? "rework" : entry.dueAt === null ? "inCall" : "wrapUp";
    if (badge.dataset.kind === kind) return;
    badge.dataset.kind = kind;
    badge.textContent = texts.card[kind];
  }

  /** The card has become more complete. What is typed stays, and so does the place on the page. */
  function renew(fuller) {
    const fresh = createCard(fuller, reveal);
    const hadFocus = known.element.contains(document.activeElement);
    const { scrollTop } = known.element;
    if (known.element.contains(lastFocus)) lastFocus = fresh.heading;
    known.element.replaceWith(fresh.element);
    known = fresh;
    if (whole !== null) known.reveal();
    entry.card = fuller;
    known.element.scrollTop = scrollTop;
    if (hadFocus) lastFocus.focus({ preventScroll: true });
  }

  let lastFocus = known.heading;
  element.addEventListener("focusin", (event) => {
    lastFocus = event.target;
  });

  refresh();
  return Object.assign(entry, {
    seconds,
    refresh,
    renew,
    reveal: () => known.reveal(),
    isOverdue: () => entry.dueAt !== null && now() >= entry.dueAt,
    phone: card.currentCommunication.callPhone ?? card.clientInfo.phone,
    /** Back to where the operator was on this card; to the client's name at first. */
    focus: () => lastFocus.focus({ preventScroll: true }),
    scroll: (direction) =>
      known.element.scrollBy({ top: direction * known.element.clientHeight * SCROLL_PART, behavior: "auto" }),
  });
}
