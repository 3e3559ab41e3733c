// The table of applications and loans, and what is wrong with their documents.

import { el } from "./dom.js";
import { dailyRate, length, rubles } from "./format.js";
import { texts } from "./texts.js";

const words = texts.products;
const COLUMNS = ["date", "number", "type", "status", "product", "sum", "term", "grace", "os", "flow", "filling", "crediting"];
const DONE = new Set(["OK", "DONE", "FILLED", "ACCEPTED", "SUCCESS", "COMPLETED", "VALID"]);
const EMPTY = new Set(["EMPTY", "NONE", "NEW", "MISSING", "NOT_FILLED", "ABSENT"]);
const MARKS = { done: "✓", error: "!", empty: "○" };

function named(item) {
  return item?.dictionaryValue || texts.none;
}

function documentName(paper) {
  return paper.name || named(paper.documentDict);
}

/** done, error or empty; a status this page does not know is shown as it is. */
function documentState(paper) {
  const status = String(paper.status ?? "").toUpperCase();
  if (status === "ERROR" || paper.errors?.length) return "error";
  if (DONE.has(status)) return "done";
  return EMPTY.has(status) ? "empty" : "other";
}

function documentMark(paper) {
  const state = documentState(paper);
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

function row(product) {
  return el(
    "tr",
    { class: product.current ? "is-current" : null },
    dateCell(product.startTime),
    el("td", {}, product.number ?? texts.none, product.current ? el("span", { class: "tag" }, words.current) : null),
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

export function applicationsTable(products) {
  return el(
    "div",
    { class: "table-scroll" },
    el(
      "table",
      { class: "table products-table" },
      el("thead", {}, el("tr", {}, ...COLUMNS.map((name) => el("th", { scope: "col" }, words.columns[name])))),
      el("tbody", {}, ...products.map(row)),
    ),
  );
}

function errorLine(error) {
  return el(
    "li",
    {},
    error.errorDescription || texts.documents.unnamed,
    error.advice ? el("p", { class: "advice" }, el("strong", {}, texts.documents.advice), ` ${error.advice}`) : null,
  );
}

function paperErrors(paper) {
  const errors = paper.errors?.length ? paper.errors : [{}];
  return [el("dt", {}, documentName(paper)), el("dd", {}, el("ul", {}, ...errors.map(errorLine)))];
}

/** The papers to talk about, with the advice to give; nothing where all is well. */
export function documentErrors(products) {
  const faulty = products.flatMap((product) => product.filling ?? []).filter((paper) => documentState(paper) === "error");
  if (faulty.length === 0) return null;
  return el(
    "section",
    { class: "panel documents" },
    el("h2", {}, texts.documents.title),
    el("dl", {}, ...faulty.flatMap(paperErrors)),
  );
}
