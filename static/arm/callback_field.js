// When the client wants to be called back, in Moscow time: typed as people say it, moved by arrows, or one of the usual answers.

import { el } from "./dom.js";
import { timeAt, weekdayAndDay } from "./format.js";
import { texts } from "./texts.js";
import { apiToWall, momentOf, wallMeant, wallOf, wallToApi } from "./when.js";

const words = texts.form;
const MINUTE_MS = 60_000;
const STEP_MS = 15 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TEN = 10 * HOUR_MS;
const STEPS = { ArrowUp: STEP_MS, ArrowDown: -STEP_MS, PageUp: DAY_MS, PageDown: -DAY_MS };

export function createCallbackField({ id, errorId, zone, now, onChange }) {
  const meantId = `${id}-meant`;
  const input = el("input", {
    id,
    type: "text",
    autocomplete: "off",
    placeholder: words.callbackExample,
    "aria-describedby": `${meantId} ${errorId}`,
  });
  const meant = el("p", { id: meantId, class: "meant", "aria-live": "polite" });
  let wall = null;

  function say() {
    const moment = wall === null ? null : momentOf(wall);
    if (moment === null) meant.textContent = input.value.trim() ? words.callbackUnclear : "";
    else meant.textContent = words.callbackMeant(weekdayAndDay(moment), zone ? timeAt(moment, zone) : "");
  }

  function set(next) {
    wall = next;
    input.value = next === null ? "" : wallToApi(next);
    say();
    onChange(input.value);
  }

  input.addEventListener("input", () => {
    wall = wallMeant(input.value, now());
    say();
    onChange(wall === null ? "" : wallToApi(wall));
  });
  input.addEventListener("change", () => wall !== null && set(wall));
  input.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    const from = wall ?? Math.ceil(wallOf(now()) / STEP_MS) * STEP_MS;
    set(from + step);
  });

  const later = (hours) => () => set(Math.ceil((wallOf(now()) + hours * HOUR_MS) / MINUTE_MS) * MINUTE_MS);
  const tomorrow = () => set((Math.floor(wallOf(now()) / DAY_MS) + 1) * DAY_MS + TEN);
  const quick = (text, onclick) => el("button", { type: "button", class: "button button-small", onclick }, text);

  return {
    input,
    element: el(
      "div",
      {},
      input,
      meant,
      el(
        "div",
        { class: "quick-times" },
        quick(words.inHour, later(1)),
        quick(words.inThreeHours, later(3)),
        quick(words.tomorrow, tomorrow),
      ),
    ),
    fill(apiValue) {
      wall = apiToWall(apiValue);
      input.value = wall === null ? "" : apiValue;
      say();
    },
    /** What is wrong with the time, or nothing. */
    problem() {
      if (wall === null) return input.value.trim() ? words.callbackUnclear : words.chooseCallback;
      return wall <= wallOf(now()) ? words.pastCallback : "";
    },
  };
}
