// The page's start: the log-in screen or, with a session at hand, the workplace.

import { createApi } from "./api.js";
import { createClock } from "./clock.js";
import { renderLogin } from "./login.js";
import { createSession } from "./session.js";
import { texts } from "./texts.js";
import { openWorkplace } from "./workplace.js";

const root = document.getElementById("workplace");
const session = createSession();
const clock = createClock();
const api = createApi({ token: session.token, clock, onUnauthorized: sessionOver });
let stopWorkplace = () => {};

function showLogin(message) {
  renderLogin(root, { login: session.login(), message, onLogin: logIn });
}

function showWorkplace() {
  stopWorkplace = openWorkplace(root, { api, session, clock, onLoggedOut: showLogin });
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
  showLogin(error.kind === "locked" ? texts.login.locked : texts.login.sessionOver);
}

document.title = texts.product;
if (session.token()) showWorkplace();
else showLogin();
