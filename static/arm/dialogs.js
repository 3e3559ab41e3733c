// The dialogs: the list of keys, and the question before what cannot be undone.

import { el, keys } from "./dom.js";
import { texts } from "./texts.js";

const GROUPS = [
  ["inCard", ["save", "result", "reason", "comment", "reveal", "scroll", "products", "history", "correct"]],
  ["inList", ["arrows", "enter"]],
  ["anywhere", ["switchCard", "back", "status", "help"]],
];

function open(dialog) {
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
}

export function showHelp() {
  if (document.querySelector("dialog[open]")) return;
  const words = texts.help;
  const rows = GROUPS.flatMap(([group, actions]) => [
    el("tr", { class: "help-group" }, el("th", { scope: "colgroup", colspan: 2 }, words[group])),
    ...actions.map((action) => el("tr", {}, el("td", {}, keys(words.keys[action])), el("td", {}, words[action]))),
  ]);
  const dialog = el(
    "dialog",
    { class: "dialog", "aria-labelledby": "help-title" },
    el("h2", { id: "help-title" }, words.title),
    el(
      "table",
      { class: "help-table" },
      el("thead", { class: "visually-hidden" }, el("tr", {}, el("th", {}, words.columns.keys), el("th", {}, words.columns.action))),
      el("tbody", {}, ...rows),
    ),
    el(
      "div",
      { class: "dialog-buttons" },
      el("button", { type: "button", class: "button button-primary", autofocus: true, onclick: () => dialog.close() }, texts.close),
    ),
  );
  open(dialog);
}

/** Asks before what cannot be undone; resolves to true where the operator confirms. The focus is on "no". */
export function confirmed({ title, text, confirm }) {
  return new Promise((resolve) => {
    const answer = (value) => () => dialog.close(value);
    const dialog = el(
      "dialog",
      { class: "dialog", "aria-labelledby": "question-title", "aria-describedby": "question-text" },
      el("h2", { id: "question-title" }, title),
      el("p", { id: "question-text" }, text),
      el(
        "div",
        { class: "dialog-buttons" },
        el("button", { type: "button", class: "button", autofocus: true, onclick: answer("") }, texts.cancel),
        el("button", { type: "button", class: "button button-danger", onclick: answer("yes") }, confirm),
      ),
    );
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
    open(dialog);
  });
}
