// What a tab shows while the workplace is open in another one.

import { el } from "./dom.js";
import { operatorName } from "./format.js";
import { texts } from "./texts.js";

export function renderElsewhere(root, { operator, onHere, onLogin }) {
  const words = texts.elsewhere;
  const here = el("button", { type: "button", class: "button button-primary", onclick: onHere }, words.here);
  root.replaceChildren(
    el(
      "main",
      { class: "login" },
      el(
        "div",
        { class: "login-form" },
        el("h1", { class: "brand" }, texts.brand),
        el("p", { class: "login-message", role: "alert" }, words.title(operatorName(operator))),
        el("p", { class: "muted" }, words.detail),
        here,
        onLogin ? el("button", { type: "button", class: "button", onclick: onLogin }, words.login) : null,
      ),
    ),
  );
  here.focus();
}
