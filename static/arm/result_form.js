// The block «Результат разговора». It holds what is typed and checks it; saving is not its business.

import { createCallbackField } from "./callback_field.js";
import { el, keys } from "./dom.js";
import { texts } from "./texts.js";
import { EMPTY_ANSWER } from "./typed.js";

const words = texts.form;
const COMMENT_LENGTH = 2048; // the server's rule
const NEVER_AGAIN = "NEVER_AGAIN"; // the client is on the do-not-call list from then on
const NUMBERED_RESULTS = 9; // as many as there are digits for Alt

function labelled(id, label, shortcut, control, error) {
  return el("div", { class: "field" }, el("label", { for: id }, label, shortcut ? keys(shortcut) : null), control, error);
}

function errorLine(id) {
  return el("p", { id, class: "field-error", hidden: true });
}

/** Adds a text that the lists no longer have, so that an earlier choice is still seen. */
function withChosen(items, chosen) {
  const isKnown = !chosen || items.some((item) => item.text === chosen);
  return isKnown ? items : [...items, { id: "earlier", text: chosen, needsCallbackTime: false }];
}

/** `errors` may be nested as the request is; the last key is the field. */
export function errorsByField(errors) {
  const found = {};
  for (const [key, value] of Object.entries(errors ?? {})) {
    if (value && typeof value === "object" && !Array.isArray(value)) Object.assign(found, errorsByField(value));
    else found[key.split(".").pop()] = [value].flat().join(" ");
  }
  return found;
}

/** The results, those that end all calls to this client last. */
function ordered(results) {
  const isFinal = (item) => item.meaning === NEVER_AGAIN;
  return [...results.filter((item) => !isFinal(item)), ...results.filter(isFinal)];
}

/** `saved` is the result that is corrected, undefined where none is saved. */
export function createResultForm({ id, answer: initial, saved, zone, timer, now, onTyped, onSave, onRetry, onCorrect }) {
  let answer = { ...EMPTY_ANSWER, ...initial };
  let results = [];
  let isLocked = false;
  let corrected = saved; // what the server has

  const ids = Object.fromEntries(["title", "reason", "result", "comment", "callbackTime"].map((name) => [name, `${name}-${id}`]));
  const errors = Object.fromEntries(Object.keys(EMPTY_ANSWER).map((name) => [name, errorLine(`${ids[name]}-error`)]));
  const reason = el("select", { id: ids.reason, "aria-describedby": errors.reason.id });
  const choices = el("div", { class: "choices" }, el("p", { class: "muted" }, words.loading));
  const resultGroup = el(
    "fieldset",
    { class: "field", "aria-describedby": errors.result.id },
    el("legend", {}, words.result),
    choices,
    errors.result,
  );
  const callback = createCallbackField({
    id: ids.callbackTime,
    errorId: errors.callbackTime.id,
    zone,
    now,
    onChange: (value) => change({ callbackTime: value }),
  });
  const callbackRow = labelled(ids.callbackTime, words.callback, null, callback.element, errors.callbackTime);
  const comment = el("textarea", { id: ids.comment, rows: 2, maxlength: COMMENT_LENGTH, "aria-describedby": errors.comment.id });
  const message = el("p", { class: "form-message", role: "alert", hidden: true });
  const saveText = el("span", {}, saved ? words.saveCorrection : words.save);
  const save = el("button", { type: "submit", class: "button button-primary save" }, saveText, keys("Ctrl Enter"));
  const correct = el("button", { type: "button", class: "button button-small correct", hidden: true, onclick: onCorrect }, words.correct, keys(texts.help.keys.correct));
  const chosen = el("p", { class: "chosen" });
  const element = el(
    "form",
    { class: "result-form", "aria-labelledby": ids.title, novalidate: true, onsubmit: submit },
    el(
      "div",
      { class: "result-fields" },
      el(
        "div",
        { class: "result-title" },
        el("h2", { id: ids.title }, words.title),
        el("p", { class: "kept muted" }, words.kept),
      ),
      labelled(ids.reason, words.reason, texts.help.keys.reason, reason, errors.reason),
      resultGroup,
      callbackRow,
      labelled(ids.comment, words.comment, texts.help.keys.comment, comment, errors.comment),
    ),
    el("div", { class: "result-foot" }, message, correct, el("div", { class: "result-bar" }, timer, chosen, save)),
  );

  function submit(event) {
    event.preventDefault();
    onSave();
  }

  function change(part) {
    answer = { ...answer, ...part };
    for (const field of Object.keys(part)) setError(field, "");
    showCallback();
    showChosen();
    say("");
    onTyped(answer);
  }

  reason.addEventListener("change", () => change({ reason: reason.value }));
  comment.addEventListener("input", () => change({ comment: comment.value }));

  function needsCallback() {
    return Boolean(results.find((item) => item.text === answer.result)?.needsCallbackTime);
  }

  /** What is chosen, for the bar of small screens, where the form itself may be out of sight. */
  function showChosen() {
    chosen.textContent = answer.result || words.nothingChosen;
  }

  function showCallback() {
    const wasHidden = callbackRow.hidden;
    callbackRow.hidden = !needsCallback();
    if (wasHidden && !callbackRow.hidden) callbackRow.scrollIntoView({ block: "nearest" });
  }

  function choice(item, index) {
    const radio = el("input", { type: "radio", name: ids.result, value: item.text });
    radio.checked = item.text === answer.result;
    radio.addEventListener("change", () => change({ result: item.text }));
    const hint = index < NUMBERED_RESULTS ? keys(texts.help.keys.digit(index + 1)) : null;
    const isFinal = item.meaning === NEVER_AGAIN;
    return el("label", { class: isFinal ? "choice choice-final" : "choice" }, radio, el("span", { class: "choice-text" }, item.text), hint);
  }

  function drawReasons(items) {
    const options = withChosen(items, answer.reason).map((item) => el("option", { value: item.text }, item.text));
    reason.replaceChildren(el("option", { value: "" }, words.noReason), ...options);
    reason.value = answer.reason;
  }

  function draw(dictionaries) {
    results = ordered(withChosen(dictionaries.results, answer.result));
    drawReasons(dictionaries.reasons);
    const noResults = el("p", { class: "field-error" }, words.noResults);
    choices.replaceChildren(...(results.length > 0 ? results.map(choice) : [noResults]));
    showChosen();
    callbackRow.hidden = !needsCallback();
    callback.fill(answer.callbackTime);
  }

  function dictionariesFailed() {
    choices.replaceChildren(
      el("p", { class: "field-error" }, words.dictionariesFailed),
      el("button", { type: "button", class: "button", onclick: onRetry }, words.retry),
    );
  }

  function say(text) {
    message.hidden = !text;
    message.textContent = text;
  }

  function setError(field, text) {
    errors[field].hidden = !text;
    errors[field].textContent = text;
    const control = { reason, comment, callbackTime: callback.input }[field] ?? resultGroup;
    control.toggleAttribute("data-invalid", Boolean(text));
    if (control !== resultGroup) control.setAttribute("aria-invalid", String(Boolean(text)));
  }

  function focusField(field) {
    const target = { reason, comment, callbackTime: callback.input, result: choices.querySelector("input:checked, input") }[field];
    target?.focus();
  }

  function showErrors(found, otherwise) {
    const fields = Object.keys(EMPTY_ANSWER).filter((field) => found[field]);
    for (const field of Object.keys(EMPTY_ANSWER)) setError(field, found[field] ?? "");
    say(fields.length ? words.invalid : otherwise);
    if (fields.length) focusField(["reason", "result", "callbackTime", "comment"].find((field) => found[field]));
  }

  function isFilledIn() {
    const found = {};
    if (!answer.result) found.result = words.chooseResult;
    if (needsCallback()) found.callbackTime = callback.problem();
    const hasErrors = Object.values(found).some(Boolean);
    if (hasErrors) showErrors(found, "");
    return !hasErrors;
  }

  function setSaving(isSaving) {
    if (isLocked) return;
    // not `disabled`: that would take the focus away from who works by keyboard
    save.setAttribute("aria-disabled", String(isSaving));
    saveText.textContent = isSaving ? words.saving : corrected ? words.saveCorrection : words.save;
  }

  /** Nothing can be typed any more; with `isCorrectable` a button opens it again. */
  function lock(text, { isCorrectable = false } = {}) {
    isLocked = true;
    saveText.textContent = text;
    for (const control of element.elements) control.disabled = true;
    correct.hidden = !isCorrectable;
    correct.disabled = false;
  }

  /** Opens a form whose result is saved, for a correction. */
  function unlock() {
    isLocked = false;
    corrected = answer;
    for (const control of element.elements) control.disabled = false;
    correct.hidden = true;
    saveText.textContent = words.saveCorrection;
    focusField("result");
  }

  /** A sentence, and a way to go on after a refusal. */
  function offer(text, action, onclick) {
    say(text);
    message.append(" ", el("button", { type: "button", class: "button button-small", onclick }, action));
  }

  function isNeverAgain(result) {
    return results.find((item) => item.text === result)?.meaning === NEVER_AGAIN;
  }

  function chooseResult(number) {
    const radio = choices.querySelectorAll("input")[number - 1];
    if (!radio || isLocked) return;
    radio.focus();
    radio.click();
    if (needsCallback()) focusField("callbackTime");
  }

  drawReasons([]);
  showChosen();
  callbackRow.hidden = true;
  comment.value = answer.comment;

  return {
    element,
    draw,
    dictionariesFailed,
    isFilledIn,
    showErrors,
    say,
    setSaving,
    lock,
    unlock,
    offer,
    isLocked: () => isLocked,
    chooseResult,
    focusField,
    /** True where saving means that nobody calls this client any more. */
    isFinal: () => isNeverAgain(answer.result),
    /** True where the saved result means that, too. */
    wasFinal: () => Boolean(corrected) && isNeverAgain(corrected.result),
    typed: () => answer,
    /** What is sent: a callback time only where the chosen result asks for one. */
    toSend: () => ({ ...answer, callbackTime: needsCallback() ? answer.callbackTime : "" }),
  };
}
