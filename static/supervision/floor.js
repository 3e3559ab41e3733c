// Renews the live floor every few seconds, and lets its timers run in between.

const PERIOD = 3000; // ms; the server counts at most every two seconds
const floor = document.getElementById("floor");
const lost = document.getElementById("floor-lost");
let skew = 0; // of this machine's clock against the server's, in ms

function note() {
  const at = floor.querySelector("[data-now]");
  skew = Date.now() - Date.parse(at.dataset.now);
}

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  return `${minutes}:${String(whole % 60).padStart(2, "0")}`;
}

function tick() {
  const now = Date.now() - skew;
  for (const time of floor.querySelectorAll(".floor-since")) {
    time.textContent = clock((now - Date.parse(time.dateTime)) / 1000);
  }
  for (const time of floor.querySelectorAll(".floor-due")) {
    time.textContent = clock((Date.parse(time.dateTime) - now) / 1000);
  }
}

// Where the keyboard is must not change under the hands: the same link or button gets the focus.
function placeOfFocus() {
  const focused = document.activeElement;
  if (!floor.contains(focused)) return null;
  return focused.getAttribute("href") ?? focused.getAttribute("formaction");
}

function restoreFocus(place) {
  if (place === null) return;
  const all = [...floor.querySelectorAll("a, button")];
  all.find((one) => [one.getAttribute("href"), one.getAttribute("formaction")].includes(place))?.focus();
}

async function renew() {
  if (document.hidden) return;
  try {
    const answer = await fetch(floor.dataset.source, {
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(10000),
    });
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      window.location.reload(); // the session has ended: to the log-in
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    const place = placeOfFocus();
    floor.innerHTML = html;
    restoreFocus(place);
    note();
    tick();
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}

async function keepRenewing() {
  await renew();
  setTimeout(keepRenewing, PERIOD);
}

note();
tick();
setInterval(tick, 1000);
setTimeout(keepRenewing, PERIOD);
document.addEventListener("visibilitychange", renew);
