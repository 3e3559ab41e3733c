// The head of the card, which stays in sight: who is called, about which application, what is
// missing in it, and what to offer.

import { documentName, faultyPapers, named, stateOfPaper } from "./card_products.js";
import { el, keys } from "./dom.js";
import { dailyRate, fullName, maskedPhone, rubles, timeAt, wholePhone } from "./format.js";
import { texts } from "./texts.js";

const words = texts.card;
const DAY_MS = 86_400_000;
const OFFERS_NAMED = 4; // the others are in the list of offers

/** The application that this call is about, or null where the card does not have it. */
export function calledProduct(card) {
  const number = card.currentCommunication.doId;
  return (number && card.productList?.find((product) => product.number === number)) || null;
}

function fact(label, value) {
  return value ? el("div", {}, el("dt", { class: "visually-hidden" }, label), el("dd", {}, value)) : null;
}

/** The client's wall clock; it is kept going by `tick`. */
function localTime(card) {
  const zone = card.currentCommunication.campaign?.timeZone;
  return zone ? { zone, element: el("time", {}) } : null;
}

function checked(check) {
  const text = words.personStatus[check?.status];
  return text ? el("div", { class: `person-check person-${check.status.toLowerCase()}` }, el("dd", {}, text)) : null;
}

/** The masked phone, and where it may be asked for a button that shows the whole one. */
function phoneOf(client, { whole, onReveal }) {
  if (!client.phone) return null;
  const button = onReveal
    ? el("button", { type: "button", class: "link-button", onclick: onReveal }, words.reveal, " ", keys(texts.help.keys.reveal))
    : null;
  return el("span", { class: "phone" }, whole ? wholePhone(whole) : maskedPhone(client.phone), button);
}

function facts(card, time, phone) {
  const client = card.clientInfo ?? {};
  return el(
    "dl",
    { class: "facts" },
    fact(words.age, Number.isFinite(client.age) ? words.years(client.age) : null),
    fact(words.citizenship, client.citizenship),
    time ? el("div", {}, el("dt", {}, words.localTime), el("dd", {}, time.element)) : null,
    fact(words.phone, phoneOf(client, phone)),
    checked(card.personCheck),
  );
}

function age(product, now) {
  const [day, month, year] = String(product.startTime ?? "").slice(0, 10).split(".").map(Number);
  const days = Math.floor((now - Date.UTC(year, month - 1, day)) / DAY_MS);
  return days >= 0 ? words.daysAgo(days) : null;
}

function sum(product) {
  const { approvedAmount, requestedAmount } = product;
  if (approvedAmount === undefined || approvedAmount === requestedAmount) return rubles(requestedAmount);
  return requestedAmount === undefined
    ? rubles(approvedAmount)
    : `${rubles(approvedAmount)} (${texts.products.requested(rubles(requestedAmount))})`;
}

function productFacts(product, now) {
  const rate = Number.isFinite(product.interestRate) ? dailyRate(product.interestRate) : null;
  const parts = [named(product.productDict), sum(product), rate, named(product.statusDict), age(product, now)];
  return parts.filter((part) => part && part !== texts.none).join(" · ");
}

function about(card, product, now) {
  const number = card.currentCommunication.doId;
  const title = words.callingAbout[product?.type] ?? words.callingAbout.APPLICATION;
  return el(
    "p",
    { class: "about" },
    el("strong", {}, number ? `${title} ${number}` : words.noApplication),
    product ? el("span", { class: "about-facts" }, productFacts(product, now)) : null,
  );
}

function need(paper) {
  const errors = paper.errors?.length ? paper.errors : [{}];
  return errors.map((error) =>
    el(
      "li",
      {},
      el("span", { "aria-hidden": "true" }, "! "),
      el("strong", {}, documentName(paper)),
      `: ${error.errorDescription || texts.documents.unnamed}`,
      error.advice
        ? el("span", { class: "advice" }, el("span", { "aria-hidden": "true" }, " → "), el("span", { class: "visually-hidden" }, ` ${texts.documents.advice} `), error.advice)
        : null,
    ),
  );
}

/** What is wrong with the papers of this application, and which are not there yet. */
function needs(product) {
  if (!product) return null;
  const empty = (product.filling ?? []).filter((paper) => stateOfPaper(paper) === "empty").map(documentName);
  const items = faultyPapers(product).flatMap(need);
  if (empty.length > 0) items.push(el("li", { class: "need-empty" }, el("span", { "aria-hidden": "true" }, "○ "), words.notFilled(empty)));
  if (items.length === 0) return null;
  return el("div", { class: "needs" }, el("h2", {}, words.needs), el("ul", {}, ...items));
}

function offersLine(offers) {
  const named = offers.slice(0, OFFERS_NAMED).map((offer) => {
    const most = Number.isFinite(offer.maxAmount) ? `\u00a0${texts.offers.upTo(rubles(offer.maxAmount))}` : "";
    return el("li", {}, el("strong", {}, offer.name ?? offer.code), most);
  });
  const rest = offers.length - named.length;
  if (rest > 0) named.push(el("li", { class: "muted" }, words.moreOffers(rest)));
  return named.length ? el("div", { class: "offers-line" }, el("h2", {}, words.offer), el("ul", {}, ...named)) : null;
}

function campaign(card) {
  const item = card.currentCommunication.campaign;
  if (!item) return null;
  return el(
    "p",
    { class: "campaign" },
    el("span", { class: "visually-hidden" }, `${words.campaign}: `),
    el("strong", {}, item.displayName),
    item.description ? el("span", {}, item.description) : null,
  );
}

/** The service knows the phone as somebody else's. What it knows is not on the card; nobody is to ask for it. */
function otherPersonNotice(check) {
  if (check?.status !== "DIFFERENT") return null;
  const names = (check.differs ?? []).map((attribute) => words.attributes[attribute] ?? attribute);
  return el(
    "p",
    { class: "inline-notice other-person", role: "alert" },
    el("strong", {}, words.otherPerson),
    names.length > 0 ? ` ${words.differs(names)}` : "",
  );
}

function incompleteNotice(card, onRefresh) {
  const name = (part) => words.parts[part] ?? part;
  const pending = (card.pending ?? []).map(name);
  const missing = (card.unavailable ?? []).map(name);
  if (pending.length === 0 && missing.length === 0) return null;
  return el(
    "p",
    { class: "inline-notice", role: "status" },
    missing.length ? words.unavailable(missing) : words.pending(pending),
    missing.length ? el("button", { type: "button", class: "link-button", onclick: onRefresh }, words.askAgain) : null,
  );
}

/** `heading` is filled in and stays the same element, so that it keeps the focus. */
export function cardHead(card, { heading, phone, now, onRefresh }) {
  const client = card.clientInfo ?? {};
  const latin = fullName(client.fullNameEn);
  heading.textContent = fullName(client.fullNameRu) || latin || words.unknownName;
  const product = calledProduct(card);
  const time = localTime(card);
  const element = el(
    "div",
    { class: "card-head" },
    el(
      "div",
      { class: "who" },
      el("div", { class: "who-name" }, heading, latin && latin !== heading.textContent ? el("p", { class: "latin", lang: "en" }, latin) : null, facts(card, time, phone)),
      otherPersonNotice(card.personCheck),
      about(card, product, now),
    ),
    campaign(card),
    needs(product),
    offersLine(card.offers ?? []),
    incompleteNotice(card, onRefresh),
  );

  function tick(moment) {
    if (!time) return;
    const text = timeAt(moment, time.zone);
    if (time.element.textContent !== text) time.element.textContent = text;
  }

  tick(now);
  return { element, tick };
}
