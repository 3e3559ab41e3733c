// The log-in screen.

import { el } from "./dom.js";
import { createLanguageSwitch } from "./language.js";
import { playSound } from "./ring.js";
import { createSoundSettings } from "./sound_settings.js";
import { texts } from "./texts.js";

function messageOf(error) {
  const words = texts.login;
  if (error.kind === "tooMany") return words.tooMany(error.retryAfter);
  return { unauthorized: words.wrong, locked: words.locked, temporaryPassword: words.temporaryPassword, network: words.network }[error.kind] ?? words.failed;
}

function field(id, label, attributes) {
  const input = el("input", { id, name: id, required: true, maxlength: 2048, "aria-describedby": "login-message", ...attributes });
  return { input, row: el("div", { class: "field" }, el("label", { for: id }, label), input) };
}

/** Draws the form; `onLogin(login, password)` settles when the server has answered. */
export function renderLogin(root, { login, message, onLogin }) {
  const words = texts.login;
  const loginField = field("login", words.login, { autocomplete: "username", autocapitalize: "none", spellcheck: "false" });
  const passwordField = field("password", words.password, { type: "password", autocomplete: "current-password" });
  const messageLine = el("p", { id: "login-message", class: "login-message", role: "alert" });
  const submit = el("button", { type: "submit", class: "button button-primary" }, words.submit);
  loginField.input.value = login ?? "";

  function say(text, isError) {
    messageLine.classList.toggle("is-error", isError);
    messageLine.textContent = text;
  }

  function setBusy(isBusy) {
    submit.disabled = isBusy;
    submit.textContent = isBusy ? words.busy : words.submit;
  }

  async function attempt(event) {
    event.preventDefault();
    const empty = [loginField, passwordField].find(({ input }) => !input.value);
    if (empty) {
      say(words.required, true);
      empty.input.focus();
      return;
    }
    say("", false);
    setBusy(true);
    try {
      playSound(); // heard at each log-in, so that a silent headset is noticed before the first call
      await onLogin(loginField.input.value.trim(), passwordField.input.value);
    } catch (error) {
      say(messageOf(error), true);
      setBusy(false);
      passwordField.input.select();
    }
  }

  root.replaceChildren(
    el(
      "main",
      { class: "login" },
      el(
        "form",
        { class: "login-form", onsubmit: attempt, novalidate: true },
        el("h1", { class: "brand" }, words.title),
        el("p", { class: "login-subtitle" }, words.subtitle),
        messageLine,
        loginField.row,
        passwordField.row,
        submit,
        createSoundSettings(),
        createLanguageSwitch(),
      ),
    ),
  );
  say(message ?? "", false);
  (login ? passwordField : loginField).input.focus();
}
