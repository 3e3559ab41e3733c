// The client card: who is called, why, and what is known. It shows; result_form.js asks.

import { applicationsTable, documentErrors } from "./card_products.js";
import { historyTable } from "./card_history.js";
import { el, keys } from "./dom.js";
import { dailyRate, fullName, length, maskedPhone, range, rubles, wholePhone } from "./format.js";
import { texts } from "./texts.js";

const words = texts.card;

function fact(label, value) {
  return value ? el("div", {}, el("dt", {}, label), el("dd", {}, value)) : null;
}

/** The masked phone, and a button that asks for the whole one where it may be asked for. */
function phoneWithReveal(phone, onReveal) {
  const shown = el("span", {}, maskedPhone(phone));
  if (!onReveal) return { value: shown, reveal: () => {} };
  async function reveal() {
    if (button.disabled) return;
    button.disabled = true;
    const whole = await onReveal();
    if (whole === null) button.disabled = false;
    else {
      shown.textContent = wholePhone(whole);
      button.remove();
    }
  }
  const button = el("button", { type: "button", class: "button button-small", onclick: reveal }, words.reveal, keys("Alt N"));
  return { value: el("span", {}, shown, " ", button), reveal };
}

function person(card, heading, phone) {
  const client = card.clientInfo ?? {};
  const latin = fullName(client.fullNameEn);
  heading.textContent = fullName(client.fullNameRu) || latin || words.unknownName;
  return el(
    "div",
    { class: "person" },
    heading,
    latin ? el("p", { class: "latin", lang: "en" }, latin) : null,
    el(
      "dl",
      { class: "facts" },
      fact(words.citizenship, client.citizenship),
      fact(words.age, Number.isFinite(client.age) ? words.years(client.age) : null),
      fact(words.phone, phone),
    ),
  );
}

function campaign(card) {
  const about = card.currentCommunication.campaign;
  if (!about) return null;
  return el(
    "div",
    { class: "campaign" },
    el("p", { class: "eyebrow" }, words.campaign),
    el("p", { class: "campaign-name" }, about.displayName),
    about.description ? el("p", { class: "campaign-advice" }, about.description) : null,
  );
}

function unavailableNotice(parts) {
  if (parts.length === 0) return null;
  const names = parts.map((part) => words.parts[part] ?? part);
  return el("p", { class: "inline-notice", role: "note" }, words.unavailable(names));
}

function pendingNotice(parts) {
  if (parts.length === 0) return null;
  const names = parts.map((part) => words.parts[part] ?? part);
  return el("p", { class: "inline-notice", role: "status" }, words.pending(names));
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

function script(card) {
  if (!card.script) return null;
  return el("details", { class: "panel script", open: true }, el("summary", {}, words.script), el("p", { class: "script-text" }, card.script));
}

/** A titled part of the card; when the part could not be fetched it says so instead of looking empty. */
function section(title, { state, isEmpty, emptyText }, content, notice = null) {
  let body = content;
  if (isEmpty) body = el("p", { class: "muted section-note" }, words[state] ?? emptyText);
  return el("section", { class: "panel" }, el("h2", {}, title), notice, body);
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

function offers(card, partState) {
  const items = card.offers ?? [];
  const state = { state: partState, isEmpty: items.length === 0, emptyText: texts.offers.empty };
  return section(texts.offers.title, state, el("ul", { class: "offers" }, ...items.map(offer)));
}

function applications(card, partState) {
  const items = card.productList ?? [];
  const state = { state: partState, isEmpty: items.length === 0, emptyText: texts.products.empty };
  return section(texts.products.title, state, applicationsTable(items));
}

/** Conversations with other persons, such as the number's former owner, are not on the card. */
function withheldNotice(count) {
  return count ? el("p", { class: "inline-notice", role: "note" }, texts.history.withheld(count)) : null;
}

function history(card) {
  const items = card.history ?? [];
  const state = { isEmpty: items.length === 0, emptyText: texts.history.empty };
  return section(texts.history.title, state, historyTable(items), withheldNotice(card.historyWithheld));
}

/** The left side of the screen: everything that is known about the client. */
export function createCard(card, onReveal) {
  const unavailable = card.unavailable ?? [];
  const pending = card.pending ?? [];
  const stateOf = (part) => (pending.includes(part) ? "asked" : unavailable.includes(part) ? "missing" : null);
  const headingId = `client-${card.currentCommunication.id}`;
  const heading = el("h1", { id: headingId, tabindex: "-1", class: "person-name" });
  const phone = phoneWithReveal(card.clientInfo?.phone, onReveal);
  const element = el(
    "div",
    { class: "card-main", tabindex: "0", role: "region", "aria-labelledby": headingId },
    otherPersonNotice(card.personCheck),
    unavailableNotice(unavailable),
    pendingNotice(pending),
    el("div", { class: "panel card-head" }, person(card, heading, phone.value), campaign(card)),
    script(card),
    // what is over needs no advice: only the applications that go on
    documentErrors((card.productList ?? []).filter((product) => product.current)),
    applications(card, stateOf("applications")),
    offers(card, stateOf("offers")),
    history(card),
  );
  return { element, heading, reveal: phone.reveal };
}
