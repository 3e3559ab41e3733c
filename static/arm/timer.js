// The countdown after a call: seconds and a bar for the eye, a few announcements for the ear.

import { el } from "./dom.js";
import { texts } from "./texts.js";

export const WRAP_UP_MS = 60_000; // the server's rule; used for the bar's length and where the end is not known
const HURRY_SECONDS = 10;
const SOON_SECONDS = 20;
const ANNOUNCED_SECONDS = [45, 30, 15, 10, 5]; // every second would drown out all else

export function secondsLeft(dueAt, now) {
  return Math.max(0, Math.ceil((dueAt - now) / 1000));
}

function urgency(seconds) {
  if (seconds <= HURRY_SECONDS) return "hurry";
  return seconds <= SOON_SECONDS ? "soon" : "calm";
}

export function createTimer() {
  const number = el("span", { class: "timer-number" });
  const bar = el("progress", { max: WRAP_UP_MS / 1000, "aria-hidden": "true" });
  const spoken = el("p", { class: "visually-hidden", "aria-live": "polite" });
  const element = el(
    "div",
    { class: "timer", hidden: true },
    el(
      "div",
      { class: "timer-line", "aria-hidden": "true" },
      el("span", { class: "timer-label" }, texts.timer.label),
      el("span", { class: "timer-seconds" }, number, ` ${texts.timer.seconds}`),
    ),
    bar,
    spoken,
  );
  let shown = null;

  function announce(seconds) {
    const isFirst = shown === null;
    if (isFirst || ANNOUNCED_SECONDS.includes(seconds)) spoken.textContent = texts.timer.announce(seconds);
  }

  function show(seconds) {
    if (seconds === shown) return;
    element.hidden = false;
    element.dataset.urgency = urgency(seconds);
    number.textContent = String(seconds);
    bar.value = seconds;
    announce(seconds);
    shown = seconds;
  }

  function hide() {
    element.hidden = true;
    spoken.textContent = "";
    shown = null;
  }

  return { element, show, hide };
}
