// How loud a call rings, with a button to hear it, and the right to show notifications.

import { el } from "./dom.js";
import { askForNotifications, playSound, setVolume, volume } from "./ring.js";
import { texts } from "./texts.js";

const words = texts.ring;

export function createSoundSettings() {
  const id = "ring-volume";
  const input = el("input", { id, type: "range", min: 0, max: 100, step: 10, value: volume() });
  const state = el("p", { class: "muted", role: "status" });
  input.addEventListener("input", () => setVolume(input.value));
  input.addEventListener("change", () => playSound());

  async function test() {
    playSound();
    state.textContent = words.permission[await askForNotifications()] ?? "";
  }

  return el(
    "div",
    { class: "sound-settings" },
    el("label", { for: id }, words.volume),
    input,
    el("button", { type: "button", class: "button button-small", onclick: test }, words.test),
    state,
  );
}
