// The header: who works here, whether ready for calls, and the way out.

import { el, keys } from "./dom.js";
import { operatorName } from "./format.js";
import { texts } from "./texts.js";

export function isBusy(status) {
  return status === "IN_CALL" || status === "WRAP_UP";
}

/** What the status button asks for, or null while telephony has not taken the operator on line. */
export function nextStatus(status, wantsBreak) {
  if (status === "READY") return "BREAK";
  if (status === "BREAK") return "READY";
  if (!isBusy(status)) return null;
  return wantsBreak ? "READY" : "BREAK";
}

export function createHeader({ operator, onStatus, onHelp, onLogout }) {
  const words = texts.header;
  const pill = el("span", { class: "status", "data-status": "UNKNOWN" }, texts.status.UNKNOWN);
  const later = el("span", { class: "status-later" });
  const toggleText = el("span", {}, words.toBreak);
  const toggle = el(
    "button",
    { type: "button", class: "button button-quiet", onclick: onStatus, hidden: true },
    toggleText,
    keys("Alt R"),
  );
  const element = el(
    "header",
    { class: "header" },
    el("p", { class: "brand" }, texts.brand),
    el("div", { class: "header-status", role: "group", "aria-label": words.status }, el("span", { role: "status" }, pill, later), toggle),
    el("p", { class: "header-operator" }, el("span", { class: "visually-hidden" }, `${words.label}: `), operatorName(operator)),
    el("button", { type: "button", class: "button button-quiet", onclick: onHelp }, words.help, keys("?")),
    el("button", { type: "button", class: "button button-quiet", onclick: onLogout }, words.logout),
  );

  function setStatus(status, wantsBreak) {
    pill.dataset.status = status;
    write(pill, texts.status[status] ?? texts.status.UNKNOWN);
    write(later, wantsBreak ? words.breakLater : "");
    const next = nextStatus(status, wantsBreak);
    toggle.hidden = next === null;
    write(toggleText, next === "READY" ? words.toReady : words.toBreak);
  }

  return { element, setStatus };
}

/** Only a changed text is written, so that it is read out once and not each second. */
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
