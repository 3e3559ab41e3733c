// The table of applications and loans, with the state of their documents.

import { el } from "./dom.js";
import { dailyRate, length, rubles } from "./format.js";
import { texts } from "./texts.js";

const words = texts.products;
const COLUMNS = ["date", "number", "type", "status", "product", "sum", "term", "grace", "os", "flow", "filling", "crediting"];
const DONE = new Set(["OK", "DONE", "FILLED", "ACCEPTED", "SUCCESS", "COMPLETED", "VALID"]);
const EMPTY = new Set(["EMPTY", "NONE", "NEW", "MISSING", "NOT_FILLED", "ABSENT"]);
const MARKS = { done: "✓", error: "!", empty: "○" };

export function named(item) {
  return item?.dictionaryValue || texts.none;
}

export function documentName(paper) {
  return paper.name || named(paper.documentDict);
}

/** done, error or empty; a status this page does not know is shown as it is. */
export function stateOfPaper(paper) {
  const status = String(paper.status ?? "").toUpperCase();
  if (status === "ERROR" || paper.errors?.length) return "error";
  if (DONE.has(status)) return "done";
  return EMPTY.has(status) ? "empty" : "other";
}

function documentMark(paper) {
  const state = stateOfPaper(paper);
  const spoken = texts.documents.status[state] ?? paper.status;
  return el(
    "li",
    { class: `paper paper-${state}` },
    el("span", { "aria-hidden": "true" }, MARKS[state] ?? "·"),
    documentName(paper),
    el("span", { class: "visually-hidden" }, `: ${spoken}`),
  );
}

function filling(product) {
  const papers = product.filling ?? [];
  return papers.length ? el("ul", { class: "papers" }, ...papers.map(documentMark)) : texts.none;
}

export function dateCell(time) {
  const [day, clock = ""] = String(time ?? "").split(" ");
  return el("td", {}, el("span", { class: "nowrap" }, day || texts.none), " ", el("span", { class: "muted" }, clock));
}

function sumCell(product) {
  const { approvedAmount, requestedAmount } = product;
  const main = approvedAmount ?? requestedAmount;
  const differs = approvedAmount !== undefined && requestedAmount !== undefined && approvedAmount !== requestedAmount;
  return el(
    "td",
    { class: "number" },
    el("span", { class: "nowrap" }, rubles(main)),
    differs ? el("span", { class: "cell-note" }, words.requested(rubles(requestedAmount))) : null,
  );
}

function productCell(product) {
  const rate = product.interestRate;
  return el("td", {}, named(product.productDict), Number.isFinite(rate) ? el("span", { class: "cell-note" }, dailyRate(rate)) : null);
}

function flow(product) {
  return product.flowDict?.dictionaryValue ?? product.flow ?? named(product.retailChainNameDict);
}

function row(product, isCalled) {
  const isLoan = product.type === "LOAN";
  const mark = isCalled ? words.called[isLoan ? "LOAN" : "APPLICATION"] : product.current ? words.current : null;
  return el(
    "tr",
    { class: isCalled ? "is-called" : null },
    dateCell(product.startTime),
    el("td", {}, product.number ?? texts.none, mark ? el("span", { class: isCalled ? "tag" : "cell-note" }, mark) : null),
    el("td", { class: "type" }, texts.type[product.type] ?? texts.none),
    el("td", {}, named(product.statusDict)),
    productCell(product),
    sumCell(product),
    el("td", { class: "nowrap" }, length(product.term, product.termUnitDict)),
    el("td", { class: "nowrap" }, length(product.grace, product.graceUnitDict)),
    el("td", {}, named(product.deviceOsDict)),
    el("td", {}, flow(product)),
    el("td", {}, filling(product)),
    el("td", {}, named(product.creditMethodDict)),
  );
}

/** The product that the call is about stands first; the others keep the server's order. */
export function applicationsTable(products, called) {
  const ordered = called ? [called, ...products.filter((product) => product !== called)] : products;
  return el(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": words.title },
    el(
      "table",
      { class: "table products-table" },
      el("thead", {}, el("tr", {}, ...COLUMNS.map((name) => el("th", { scope: "col" }, words.columns[name])))),
      el("tbody", {}, ...ordered.map((product) => row(product, product === called))),
    ),
  );
}

/** The papers to talk about. */
export function faultyPapers(product) {
  return (product.filling ?? []).filter((paper) => stateOfPaper(paper) === "error");
}
