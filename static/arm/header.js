// The header: who works here, whether ready for calls, and the way out.

import { el, keys } from "./dom.js";
import { operatorName } from "./format.js";
import { texts } from "./texts.js";

/** What the status button asks for: a break from anywhere, and ready from a break. */
export function nextStatus(status) {
  return status === "BREAK" || status === "OFFLINE" ? "READY" : "BREAK";
}

export function createHeader({ operator, onStatus, onHelp, onLogout }) {
  const words = texts.header;
  const pill = el("span", { class: "status", "data-status": "UNKNOWN" }, texts.status.UNKNOWN);
  const toggleText = el("span", {}, words.toBreak);
  const toggle = el(
    "button",
    { type: "button", class: "button button-quiet", onclick: onStatus, disabled: true },
    toggleText,
    keys("Alt R"),
  );
  const element = el(
    "header",
    { class: "header" },
    el("p", { class: "brand" }, texts.brand),
    el("div", { class: "header-status", role: "group", "aria-label": words.status }, el("span", { role: "status" }, pill), toggle),
    el("p", { class: "header-operator" }, el("span", { class: "visually-hidden" }, `${words.label}: `), operatorName(operator)),
    el("button", { type: "button", class: "button button-quiet", onclick: onHelp }, words.help, keys("?")),
    el("button", { type: "button", class: "button button-quiet", onclick: onLogout }, words.logout),
  );

  function setStatus(status) {
    if (pill.dataset.status === status) return;
    pill.dataset.status = status;
    pill.textContent = texts.status[status] ?? texts.status.UNKNOWN;
    toggle.disabled = false;
    toggleText.textContent = nextStatus(status) === "READY" ? words.toReady : words.toBreak;
  }

  return { element, setStatus };
}
