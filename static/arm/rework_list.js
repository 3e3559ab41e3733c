// The main screen: «Карточки на доработку».

import { el } from "./dom.js";
import { maskedPhone } from "./format.js";
import { createOwnDay } from "./own_day.js";
import { texts } from "./texts.js";

const words = texts.rework;
const COLUMNS = ["date", "number", "type", "campaign", "phone", "result"];

/** The list may leave the type out; what has an application's number is an application. */
function typeOf(item) {
  return texts.type[item.type] ?? (item.doId ? texts.type.APPLICATION : texts.none);
}

function row(item, onOpen) {
  const phone = maskedPhone(item.callPhone);
  const open = el("button", { type: "button", class: "row-button", "aria-label": `${item.time}. ${words.open(phone)}` }, item.time);
  return el(
    "tr",
    { "data-id": item.id, onclick: () => onOpen(item.id) },
    el("td", {}, open),
    el("td", {}, item.doId ?? texts.none),
    el("td", {}, typeOf(item)),
    el("td", {}, item.campaign?.displayName ?? texts.none),
    el("td", { class: "nowrap" }, phone),
    el("td", { class: "not-saved" }, words.notSaved),
  );
}

function table(items, onOpen) {
  return el(
    "table",
    { class: "table rework-table", "aria-labelledby": "rework-title" },
    el("thead", {}, el("tr", {}, ...COLUMNS.map((name) => el("th", { scope: "col" }, words.columns[name])))),
    el("tbody", {}, ...items.map((item) => row(item, onOpen))),
  );
}

function emptyState(status) {
  const hint = { BREAK: words.emptyBreak, OFFLINE: words.emptyOffline }[status] ?? words.emptyReady;
  return el(
    "div",
    { class: "empty" },
    status === "OFFLINE" ? null : el("span", { class: "empty-mark", "aria-hidden": "true" }, "✓"),
    el("p", { class: "empty-title" }, status === "OFFLINE" ? words.offline : words.empty),
    el("p", {}, hint),
  );
}

function moveFocus(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.altKey) return;
  const buttons = [...event.currentTarget.querySelectorAll(".row-button")];
  const next = buttons[buttons.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

export function createReworkList({ onOpen, onCorrect }) {
  const ownDay = createOwnDay({ onCorrect });
  const heading = el("h1", { id: "rework-title", tabindex: "-1" }, words.title);
  const counter = el("span", { class: "counter" });
  const body = el("div", { class: "rework-body", onkeydown: moveFocus }, el("p", { class: "muted" }, words.loading));
  const element = el(
    "main",
    { class: "rework" },
    el("div", { class: "rework-heading" }, heading, counter),
    body,
    ownDay.element,
  );
  let items = null;
  let status = "";

  function draw() {
    if (items === null) return;
    const focusedId = body.contains(document.activeElement) ? document.activeElement.closest("tr")?.dataset.id : undefined;
    counter.textContent = items.length ? texts.rework.count(items.length) : "";
    body.replaceChildren(items.length ? el("div", { class: "panel" }, table(items, onOpen)) : emptyState(status));
    if (focusedId) (body.querySelector(`tr[data-id="${focusedId}"] .row-button`) ?? heading).focus();
  }

  return {
    element,
    setItems(next) {
      items = next;
      draw();
    },
    setStatus(next) {
      const changesHint = status !== next && items?.length === 0;
      status = next;
      if (changesHint) draw();
    },
    showDay: ownDay.show,
    tick: ownDay.tick,
    correctable: ownDay.correctable,
    phoneOf: (id) => items?.find((item) => item.id === id)?.callPhone,
    ids: () => (items ?? []).map((item) => item.id),
    focus: () => (body.querySelector(".row-button") ?? heading).focus(),
  };
}
