// The page's start: the log-in screen or, with a session at hand, the workplace; in one tab at a time.

import { createApi } from "./api.js";
import { createClock } from "./clock.js";
import { renderElsewhere } from "./elsewhere.js";
import { renderLogin } from "./login.js";
import { createSession } from "./session.js";
import { createTabs } from "./tabs.js";
import { texts } from "./texts.js";
import { openWorkplace } from "./workplace.js";

const root = document.getElementById("workplace");
const session = createSession();
const clock = createClock();
const tabs = createTabs();
const api = createApi({ token: session.token, clock, onUnauthorized: sessionOver });
let stopWorkplace = () => {};

function showLogin(message) {
  tabs.leave();
  renderLogin(root, { login: session.login(), message, onLogin: logIn });
}

function showWorkplace() {
  stopWorkplace();
  stopWorkplace = openWorkplace(root, { api, session, clock, onLoggedOut: showLogin });
  tabs.live(session.whole, taken);
}

/** Another tab is the workplace now. */
function taken() {
  stopWorkplace();
  stopWorkplace = () => {};
  renderElsewhere(root, { operator: session.operator(), onHere: showWorkplace });
}

function offerToTakeOver(theirs) {
  renderElsewhere(root, {
    operator: theirs.operator,
    onHere() {
      session.begin(theirs.login, theirs);
      showWorkplace();
    },
    onLogin: () => showLogin(),
  });
}

async function logIn(login, password) {
  let data;
  try {
    data = await api.login(login, password);
  } catch (error) {
    if (error.kind === "temporaryPassword") window.location.assign("/arm/password/");
    throw error;
  }
  session.begin(login, data);
  showWorkplace();
}

/** The server has ended the session; what was typed is in the browser's storage and comes back after log-in. */
function sessionOver(error) {
  stopWorkplace();
  session.expire();
  showLogin(error.kind === "locked" ? texts.login.lockedNow : texts.login.sessionOver);
}

async function start() {
  document.title = texts.product;
  const theirs = await tabs.findLive();
  if (theirs?.token) offerToTakeOver(theirs);
  else if (session.token()) showWorkplace();
  else showLogin();
}

start();
