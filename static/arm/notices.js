// One notice at a time, under the header: green for done, red for what was not.

import { el } from "./dom.js";
import { texts } from "./texts.js";

const GOOD_NEWS_MS = 10_000; // long enough to be read between two calls

export function createNotices() {
  const region = el("div", { class: "notices", role: "status", "aria-live": "polite" });
  let timer = 0;

  function clear() {
    clearTimeout(timer);
    region.replaceChildren();
  }

  function show(kind, title, detail) {
    clear();
    const close = el("button", { type: "button", class: "icon-button", "aria-label": texts.close, onclick: clear }, "✕");
    region.append(
      el(
        "div",
        { class: `notice notice-${kind}` },
        el("p", {}, el("strong", {}, title), detail ? ` ${detail}` : ""),
        close,
      ),
    );
    if (kind === "good") timer = setTimeout(clear, GOOD_NEWS_MS);
  }

  return {
    region,
    /** A new call puts good news out of sight; bad news stays until it was read. */
    clearGood: () => region.querySelector(".notice-good") && clear(),
    good: (title) => show("good", title),
    bad: (title, detail) => show("bad", title, detail),
  };
}
