// When the client wants to be called back, in Moscow time, with the usual answers at hand.

import { el } from "./dom.js";
import { apiToInput, inputToApi, moscowInput } from "./format.js";
import { texts } from "./texts.js";

const words = texts.form;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function createCallbackField({ id, errorId, now, onChange }) {
  const input = el("input", { id, type: "datetime-local", "aria-describedby": errorId });
  input.addEventListener("input", () => onChange(inputToApi(input.value)));

  function set(value) {
    input.value = value;
    onChange(inputToApi(value));
  }

  const later = (hours) => () => set(moscowInput(now() + hours * HOUR_MS));
  const tomorrow = () => set(`${moscowInput(now() + DAY_MS).slice(0, 10)}T10:00`);
  const quick = (text, onclick) => el("button", { type: "button", class: "button button-small", onclick }, text);

  return {
    input,
    element: el(
      "div",
      {},
      input,
      el(
        "div",
        { class: "quick-times" },
        quick(words.inHour, later(1)),
        quick(words.inThreeHours, later(3)),
        quick(words.tomorrow, tomorrow),
      ),
    ),
    fill(apiValue) {
      input.value = apiToInput(apiValue);
    },
    /** What is wrong with the time, or nothing. Both sides are Moscow time in one sortable form. */
    problem() {
      if (!input.value) return words.chooseCallback;
      return input.value <= moscowInput(now()) ? words.pastCallback : "";
    },
  };
}
