// The switch of the page's language: the server's own cookie, so that the page and its answers agree.

import { el } from "./dom.js";
import { language, texts } from "./texts.js";

const COOKIE = "django_language";
const YEAR_SECONDS = 31_536_000;
const OTHER = language === "en" ? "ru" : "en";

function change() {
  document.cookie = `${COOKIE}=${OTHER}; path=/; max-age=${YEAR_SECONDS}; SameSite=Lax`;
  window.location.reload();
}

/** What is typed survives, as it does any reload. */
export function createLanguageSwitch() {
  const label = texts.languages[OTHER];
  return el("button", { type: "button", class: "button button-quiet button-small", lang: OTHER, onclick: change }, label);
}
