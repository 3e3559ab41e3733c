// The header: who works here, whether ready for calls, and the way out.

import { el, keys } from "./dom.js";
import { clockLength, operatorName } from "./format.js";
import { createLanguageSwitch } from "./language.js";
import { createSoundSettings } from "./sound_settings.js";
import { texts } from "./texts.js";

export function isBusy(status) {
  return status === "IN_CALL" || status === "WRAP_UP";
}

/** What the status button asks for, or null where there is nothing to ask telephony for. */
export function nextStatus(status, wantsBreak, telephony) {
  if (status === "READY") return "BREAK";
  if (status === "OFFLINE") return telephony === "DOWN" ? "BREAK" : null;
  if (status === "BREAK") return "READY";
  if (!isBusy(status)) return null;
  return wantsBreak ? "READY" : "BREAK";
}

export function createHeader({ operator, onStatus, onRework, onHelp, onLogout }) {
  const words = texts.header;
  const pill = el("span", { class: "status", "data-status": "UNKNOWN" }, texts.status.UNKNOWN);
  const since = el("span", { class: "status-since", "aria-hidden": "true" });
  const rework = el("button", { type: "button", class: "button button-quiet rework-count", onclick: onRework, hidden: true });
  const later = el("span", { class: "status-later" });
  const toggleText = el("span", {}, words.toBreak);
  const toggle = el(
    "button",
    { type: "button", class: "button button-quiet", onclick: onStatus, hidden: true },
    toggleText,
    keys(texts.help.keys.status),
  );
  const element = el(
    "header",
    { class: "header" },
    el("p", { class: "brand" }, texts.brand),
    el("div", { class: "header-status", role: "group", "aria-label": words.status }, el("span", { role: "status" }, pill, later), since, toggle),
    rework,
    el("p", { class: "header-operator" }, el("span", { class: "visually-hidden" }, `${words.label}: `), operatorName(operator)),
    el("details", { class: "sound" }, el("summary", { class: "button button-quiet", title: texts.ring.settings }, el("span", { "aria-hidden": "true" }, "♪"), el("span", { class: "visually-hidden" }, texts.ring.settings)), createSoundSettings()),
    createLanguageSwitch(),
    el("button", { type: "button", class: "button button-quiet", onclick: onHelp }, words.help, keys("F1")),
    el("button", { type: "button", class: "button button-quiet", onclick: onLogout }, words.logout),
  );

  let statusBegan = null;

  /** How long this state lasts, as far as this page has seen it. */
  function tick(moment) {
    const isTimed = pill.dataset.status !== "UNKNOWN";
    write(since, isTimed && statusBegan !== null ? clockLength(Math.max(0, Math.floor((moment - statusBegan) / 1000))) : "");
  }

  function setReworkCount(number) {
    rework.hidden = number === 0;
    write(rework, words.rework(number));
  }

  function setStatus(status, { wantsBreak, telephony, moment }) {
    if (pill.dataset.status !== status) statusBegan = moment;
    pill.dataset.status = status;
    const isHeld = status === "OFFLINE" && texts.telephony[telephony];
    write(pill, isHeld ? isHeld.pill : (texts.status[status] ?? texts.status.UNKNOWN));
    write(later, wantsBreak ? words.breakLater : "");
    const next = nextStatus(status, wantsBreak, telephony);
    toggle.hidden = next === null;
    write(toggleText, next === "READY" ? words.toReady : words.toBreak);
  }

  return { element, setStatus, setReworkCount, tick };
}

/** Only a changed text is written, so that it is read out once and not each second. */
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
