// Earlier communications with this client, newest first, as the server gives them.

import { dateCell } from "./card_products.js";
import { el } from "./dom.js";
import { maskedPhone, operatorName } from "./format.js";
import { texts } from "./texts.js";

const words = texts.history;
const COLUMNS = ["date", "number", "type", "campaign", "result", "comment", "operator", "phone"];

function labelled(label, value) {
  return value ? el("p", {}, el("span", { class: "muted" }, `${label}: `), value) : null;
}

function row(item) {
  const outcome = item.result ?? {};
  return el(
    "tr",
    {},
    dateCell(item.time),
    el("td", {}, item.doId ?? texts.none),
    el("td", { class: "type" }, texts.type[item.type] ?? (item.doId ? texts.type.APPLICATION : texts.none)),
    el("td", {}, item.campaign?.displayName ?? texts.none),
    el("td", {}, labelled(words.reason, outcome.reason), labelled(words.result, outcome.result)),
    el(
      "td",
      { class: "prose" },
      item.personUnknown ? el("p", { class: "muted" }, words.personUnknown) : null,
      outcome.comment ?? "",
    ),
    el("td", {}, operatorName(item.operator)),
    el("td", { class: "nowrap" }, maskedPhone(item.callPhone)),
  );
}

export function historyTable(items) {
  return el(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": words.title },
    el(
      "table",
      { class: "table history-table" },
      el("thead", {}, el("tr", {}, ...COLUMNS.map((name) => el("th", { scope: "col" }, words.columns[name])))),
      el("tbody", {}, ...items.map(row)),
    ),
  );
}
