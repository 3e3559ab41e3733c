// One notice at a time, under the header: green for done, red for what was not.

import { el, keys } from "./dom.js";
import { texts } from "./texts.js";

const GOOD_NEWS_MS = 10_000; // long enough to be read between two calls
const OLD_NEWS_MS = 20_000; // of bad news, once the next talk has begun

export function createNotices() {
  const region = el("div", { class: "notices", role: "status", "aria-live": "polite" });
  let timer = 0;

  function clear() {
    clearTimeout(timer);
    region.replaceChildren();
  }

  function show(kind, title, detail, action) {
    clear();
    const close = el("button", { type: "button", class: "icon-button", "aria-label": texts.close, onclick: clear }, "✕");
    const hint = kind === "bad" ? keys("Esc") : null;
    region.append(
      el(
        "div",
        { class: `notice notice-${kind}` },
        el("p", {}, el("strong", {}, title), detail ? ` ${detail}` : ""),
        action ? el("button", { type: "button", class: "button button-small", onclick: () => action.onclick(clear) }, action.text) : null,
        el("span", { class: "notice-close" }, hint, close),
      ),
    );
    if (kind === "good") timer = setTimeout(clear, GOOD_NEWS_MS);
  }

  return {
    region,
    /** A new call puts good news out of sight; bad news of the client before stays long enough to be read. */
    newCall() {
      if (region.querySelector(".notice-good")) clear();
      else if (region.querySelector(".notice-bad")) timer = setTimeout(clear, OLD_NEWS_MS);
    },
    /** Returns whether there was any. */
    closeBad() {
      const isThere = Boolean(region.querySelector(".notice-bad"));
      if (isThere) clear();
      return isThere;
    },
    good: (title, detail) => show("good", title, detail),
    /** `action` is a button: its text, and what it does; it is given how to close the notice. */
    bad: (title, detail, action) => show("bad", title, detail, action),
  };
}
