// What keeps calls from coming: telephony is asked, does not answer, refuses, or knows no account.

import { el } from "./dom.js";
import { texts } from "./texts.js";

const words = texts.telephony;
const PATIENCE_SECONDS = 3; // telephony usually agrees within one

export function createTelephonyLine() {
  const title = el("strong", {});
  const advice = el("span", {});
  const element = el("div", { class: "lost telephony", role: "status", hidden: true }, title, " ", advice);
  let state = null;
  let began = 0;

  function draw(moment) {
    const seconds = Math.max(0, Math.floor((moment - began) / 1000));
    element.hidden = !(state in words) || (state === "CONNECTING" && seconds < PATIENCE_SECONDS);
    if (element.hidden) return;
    const text = words[state].title(state === "CONNECTING" || state === "DOWN" ? seconds : null);
    if (title.textContent !== text) title.textContent = text;
    if (advice.textContent !== words[state].advice) advice.textContent = words[state].advice;
  }

  return {
    element,
    draw,
    setState(next, moment) {
      if (next !== state) began = moment;
      state = next;
      draw(moment);
    },
  };
}
