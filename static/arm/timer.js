// How long the talk lasts, and after it the countdown: seconds and a bar for the eye, a few announcements for the ear.

import { el } from "./dom.js";
import { clockLength } from "./format.js";
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

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function createTimer() {
  const label = el("span", { class: "timer-label" });
  const number = el("span", { class: "timer-number" });
  const unit = el("span", {});
  const bar = el("progress", { max: WRAP_UP_MS / 1000, "aria-hidden": "true", hidden: true });
  const spoken = el("p", { class: "visually-hidden", "aria-live": "polite" });
  const element = el(
    "div",
    { class: "timer", hidden: true },
    el("div", { class: "timer-line", "aria-hidden": "true" }, label, el("span", { class: "timer-seconds" }, number, unit)),
    bar,
    spoken,
  );
  let shown = null;

  function announce(seconds) {
    const isFirst = shown === null;
    if (isFirst || ANNOUNCED_SECONDS.includes(seconds)) spoken.textContent = texts.timer.announce(seconds);
  }

  /** The seconds until the card goes back for rework. */
  function show(seconds) {
    if (seconds === shown) return;
    element.hidden = false;
    bar.hidden = false;
    element.dataset.urgency = urgency(seconds);
    write(label, texts.timer.label);
    write(number, String(seconds));
    write(unit, ` ${texts.timer.seconds}`);
    bar.value = seconds;
    announce(seconds);
    shown = seconds;
  }

  /** How long the talk lasts so far; not read out. */
  function showTalk(seconds) {
    element.hidden = false;
    element.dataset.urgency = "talk";
    write(label, texts.timer.talk);
    write(number, clockLength(seconds));
    write(unit, "");
  }

  /** The time that is left for a correction; not read out. */
  function showCorrection(seconds) {
    element.hidden = false;
    element.dataset.urgency = "talk";
    write(label, texts.timer.correction);
    write(number, clockLength(seconds));
    write(unit, "");
  }

  function hide() {
    element.hidden = true;
    bar.hidden = true;
    spoken.textContent = "";
    shown = null;
  }

  return { element, show, showTalk, showCorrection, hide };
}
