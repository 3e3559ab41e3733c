// A call begins: a soft sound, and a notification of the system where the page is out of sight.

import { texts } from "./texts.js";

const VOLUME = "tm.page.volume"; // stays on this computer after log-out: it is about its loudspeakers
const USUAL_VOLUME = 60; // per cent
const NOTES = [
  { hertz: 660, at: 0, seconds: 0.35 },
  { hertz: 880, at: 0.28, seconds: 0.5 },
];
const LOUDEST = 0.4; // of full scale; two calls an hour or forty, nobody is to be startled
const ATTACK_SECONDS = 0.03;

let context = null;

export function volume() {
  const stored = Number.parseInt(localStorage.getItem(VOLUME) ?? "", 10);
  return Number.isFinite(stored) ? Math.min(100, Math.max(0, stored)) : USUAL_VOLUME;
}

export function setVolume(percent) {
  localStorage.setItem(VOLUME, String(percent));
}

function playNote({ hertz, at, seconds }, loudness) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  const start = context.currentTime + at;
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(loudness, start + ATTACK_SECONDS);
  gain.gain.exponentialRampToValueAtTime(0.001, start + seconds);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + seconds);
}

/** Plays the sound. Browsers allow it only after the operator has clicked or typed on the page; log-in is that. */
export async function playSound() {
  const loudness = (volume() / 100) * LOUDEST;
  if (loudness === 0) return;
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") await context.resume();
    for (const note of NOTES) playNote(note, loudness);
  } catch {
    // a computer without a sound device: the notification and the title tell of the call
  }
}

/** Asks the browser for the right to show notifications; called from a click. */
export async function askForNotifications() {
  if (globalThis.Notification?.permission === "default") await Notification.requestPermission();
  return globalThis.Notification?.permission ?? "denied";
}

/** No personal data: a notification also lies on the screen of a locked computer. */
function notify(campaign) {
  if (!document.hidden || globalThis.Notification?.permission !== "granted") return;
  const notification = new Notification(texts.ring.title, { body: campaign, tag: "tm-call", icon: iconOf("favicon-call.svg") });
  notification.addEventListener("click", () => {
    window.focus();
    notification.close();
  });
}

function iconOf(name) {
  return new URL(name, import.meta.url).href;
}

export function ring(card) {
  playSound();
  notify(card.currentCommunication.campaign?.displayName ?? "");
}

/** The tab's icon has a dot while a client is on the line or a result is due. */
export function showInIcon(isCall) {
  const link = document.querySelector("link[rel=icon]");
  const href = iconOf(isCall ? "favicon-call.svg" : "favicon.svg");
  if (link && link.href !== href) link.href = href;
}
