// The client card: its head, script and offers side by side, and the rest folded. It shows; result_form.js asks.

import { calledProduct, cardHead } from "./card_head.js";
import { historyTable } from "./card_history.js";
import { applicationsTable } from "./card_products.js";
import { el, keys } from "./dom.js";
import { dailyRate, length, range, rubles } from "./format.js";
import { createScript } from "./script.js";
import { texts } from "./texts.js";

const words = texts.card;

/** A titled part of the card; when the part could not be fetched it says so instead of looking empty. */
function section(name, title, { isMissing, isPending, isEmpty, emptyText }, content) {
  let body = content;
  if (isEmpty) {
    const note = isPending ? words.asked : isMissing ? words.missing : emptyText;
    body = el("p", { class: "muted section-note" }, note);
  }
  return el("section", { class: `panel ${name}`, "aria-label": title, tabindex: "0" }, el("h2", {}, title), body);
}

function offer(item) {
  const sum = range(item.minAmount, item.maxAmount, rubles);
  const term = range(item.minTerm, item.maxTerm, (value) => length(value, item.termUnit));
  const rate = Number.isFinite(item.interestRate) ? dailyRate(item.interestRate) : null;
  return el(
    "li",
    { class: "offer" },
    el("span", { class: "offer-name" }, item.name ?? item.code),
    el("span", { class: "offer-sum" }, sum),
    el("span", { class: "muted" }, [term, rate].filter((part) => part && part !== texts.none).join(" · ")),
  );
}

function offers(card, states) {
  const items = card.offers ?? [];
  const state = { ...states("offers"), isEmpty: items.length === 0, emptyText: texts.offers.empty };
  return section("offers-panel", texts.offers.title, state, el("ul", { class: "offers" }, ...items.map(offer)));
}

function script(card, operator) {
  if (!card.script) return null;
  return section("script", words.script, { isEmpty: false }, createScript(card.script, valuesOf(card, operator)));
}

/** A name as one writes it: services send capitals. */
function spoken(name) {
  return name === name.toUpperCase() ? name.toLowerCase().replace(/(^|[\s-])\p{L}/gu, (letter) => letter.toUpperCase()) : name;
}

/** What a script may name in braces. */
function valuesOf(card, operator) {
  const name = card.clientInfo?.fullNameRu ?? card.clientInfo?.fullNameEn ?? {};
  const product = calledProduct(card);
  const amount = product?.approvedAmount ?? product?.requestedAmount;
  return {
    name: spoken([name.name, name.middleName].filter(Boolean).join(" ")),
    lastName: spoken(name.lastName ?? ""),
    operator: operator?.name,
    campaign: card.currentCommunication.campaign?.displayName,
    application: card.currentCommunication.doId,
    product: product?.productDict?.dictionaryValue,
    amount: Number.isFinite(amount) ? rubles(amount) : "",
    offer: card.offers?.[0]?.name,
    offerAmount: Number.isFinite(card.offers?.[0]?.maxAmount) ? rubles(card.offers[0].maxAmount) : "",
  };
}

function fold(name, title, shortcut, content) {
  return el("details", { class: `panel fold ${name}` }, el("summary", {}, el("span", {}, title), keys(shortcut)), content);
}

function note(text) {
  return el("p", { class: "muted section-note" }, text);
}

function applications(card, { isMissing, isPending }) {
  const items = card.productList ?? [];
  const title = items.length > 0 ? words.allProducts(items.length) : isMissing ? words.missing : isPending ? words.asked : texts.products.empty;
  return fold("applications", title, texts.help.keys.products, items.length ? applicationsTable(items, calledProduct(card)) : note(title));
}

function history(card) {
  const items = card.history ?? [];
  const last = items[0];
  const title = last ? words.pastTalks(items.length, String(last.time).slice(0, 10), last.result?.result ?? "") : texts.history.empty;
  const content = [withheldNotice(card.historyWithheld), items.length ? historyTable(items) : note(title)];
  return fold("history", title, texts.help.keys.history, content);
}

/** Conversations with other persons, such as the number's former owner, are not on the card. */
function withheldNotice(count) {
  return count ? el("p", { class: "inline-notice", role: "note" }, texts.history.withheld(count)) : null;
}

/** The left side of the screen: everything that is known about the client. */
export function createCard({ card, operator, now, onRefresh, onReveal }) {
  const headingId = `client-${card.currentCommunication.id}`;
  const heading = el("h1", { id: headingId, tabindex: "-1", class: "person-name" });
  const element = el("div", { class: "card-main", role: "region", "aria-labelledby": headingId });
  let head;
  let scroll;
  let shown = card;
  let whole = null; // the client's number once it was asked for: it stays when the card is drawn anew
  let isRevealing = false;

  /** Asks for the whole number, where it may be asked for. */
  async function reveal() {
    if (!onReveal || whole || isRevealing) return;
    isRevealing = true;
    whole = await onReveal();
    isRevealing = false;
    if (whole) draw(shown);
  }

  function body(known) {
    const states = (part) => ({
      isMissing: known.unavailable?.includes(part),
      isPending: known.pending?.includes(part),
    });
    return el(
      "div",
      { class: "card-scroll" },
      el("div", { class: "card-pair" }, script(known, operator), offers(known, states)),
      applications(known, states("applications")),
      history(known),
    );
  }

  /** Draws the card, also one that has become more complete: what is unfolded stays so, and the place of reading too. */
  function draw(known) {
    const unfolded = [...element.querySelectorAll("details[open]")].map((node) => node.className);
    const places = [...element.querySelectorAll(".card-scroll, .script")].map((node) => [node.className, node.scrollTop]);
    const hadFocus = head?.element.contains(document.activeElement);
    const phone = { whole, onReveal: onReveal && !whole ? reveal : null };
    shown = known;
    head = cardHead(known, { heading, phone, now: now(), onRefresh });
    scroll = body(known);
    element.replaceChildren(head.element, scroll);
    for (const node of element.querySelectorAll("details")) node.open = unfolded.includes(node.className);
    for (const [name, top] of places) for (const node of element.getElementsByClassName(name)) node.scrollTop = top;
    if (hadFocus) heading.focus({ preventScroll: true });
  }

  function unfold(name) {
    const node = element.querySelector(`.fold.${name}`);
    node.open = !node.open;
    if (node.open) node.scrollIntoView({ block: "nearest" });
  }

  draw(card);
  return { element, heading, draw, reveal, unfold, tick: (moment) => head.tick(moment), scroller: () => scroll };
}
