// The desk: which cards are open, which one is shown, and how each of them ends: saved, overdue, or left.

import { expectApiError } from "./api.js";
import { createCardView } from "./card_view.js";
import { closeDialogs, confirmed } from "./dialogs.js";
import { errorsByField } from "./result_form.js";
import { texts } from "./texts.js";
import { WRAP_UP_MS } from "./timer.js";
import { startingAnswer } from "./typed.js";

export function createDesk({ api, session, typed, corrections, saving, clock, notices, mayReveal, onChange, onListStale, onRing }) {
  const cards = new Map(); // every open card by communication, the shown one among them
  const ended = new Set(); // saved or overdue here: a late answer must not open them again
  const opening = new Set();
  let shownId = null;

  const shown = () => cards.get(shownId) ?? null;
  const hidden = () => [...cards.values()].filter((entry) => entry.id !== shownId);

  function show(id) {
    shownId = cards.has(id) ? id : null;
    session.rememberRework([...cards.values()].find((entry) => !entry.isLive && !entry.correction)?.id ?? null);
    onChange();
  }

  function put(card, isLive, correction = null) {
    const id = card.currentCommunication.id;
    const kept = correction ? corrections : typed;
    const entry = createCardView({
      card,
      operator: session.operator(),
      isLive,
      correction,
      answer: startingAnswer(kept.find(id), card.currentCommunication.result),
      now: clock.now,
      onTyped: (answer) => (entry.correction ? corrections : typed).put(id, answer),
      onSave: () => save(entry),
      onRetry: () => loadDictionaries(entry),
      onRefresh: () => refetch(id),
      onReveal: isLive && mayReveal ? () => reveal(id) : null,
      onCorrect: () => correctInCall(entry),
      onBack: back,
    });
    cards.set(id, entry);
    loadDictionaries(entry);
    return entry;
  }

  function remove(entry, nextId = null) {
    cards.delete(entry.id);
    entry.element.remove();
    show(shownId === entry.id ? nextId : shownId);
  }

  /** The card of a call whose result is still due, or null. */
  const unsavedCallId = () => [...cards.values()].find((entry) => entry.isLive && !entry.isSaved)?.id ?? null;

  /** Resolves to the whole number of the client, or to null. */
  async function reveal(id) {
    try {
      return (await api.revealPhone(id)).phone;
    } catch (error) {
      expectApiError(error);
      if (!error.endsSession) notices.bad(texts.notice.revealFailed, error.description);
      return null;
    }
  }

  async function loadDictionaries(entry) {
    try {
      entry.form.draw(await api.dictionaries(entry.id));
      entry.lacksDictionaries = false;
    } catch (error) {
      expectApiError(error);
      entry.lacksDictionaries = true;
      entry.form.dictionariesFailed();
    }
  }

  async function fetchCurrent(id) {
    try {
      return (await api.currentCard()).clientCard;
    } catch (error) {
      expectApiError(error);
      if (error.kind !== "missing" || id === undefined) throw error;
      return (await api.cardOf(id)).clientCard; // the call is over, its result still due
    }
  }

  /** Draws a card that is open already with what has come since; returns whether it is open. */
  function completed(card) {
    const entry = cards.get(card.currentCommunication.id);
    entry?.complete(card);
    return Boolean(entry);
  }

  /** Asks for an open card again: services that were down may have answered meanwhile. */
  async function refetch(id) {
    try {
      completed((await api.cardOf(id)).clientCard);
    } catch (error) {
      expectApiError(error);
      if (!error.endsSession) notices.bad(texts.notice.reworkFailed);
    }
  }

  /** The card of the call that goes on now, in front of everything else. Asked again until it comes. */
  async function openCurrent(id) {
    if (ended.has(id) || opening.has(id)) return;
    opening.add(id);
    try {
      const card = await fetchCurrent(id);
      if (completed(card)) return;
      const entry = put(card, true);
      closeDialogs();
      notices.newCall();
      onRing(card);
      show(entry.id);
    } catch (error) {
      expectApiError(error);
      if (error.kind === "server") notices.bad(texts.notice.cardFailed);
    } finally {
      opening.delete(id);
    }
  }

  /** A card for rework. A call that began meanwhile stays in front. */
  async function openRework(id) {
    if (cards.has(id)) return show(id);
    if (opening.has(id)) return undefined;
    opening.add(id);
    try {
      const entry = put((await api.cardOf(id)).clientCard, false);
      show(shown()?.isLive ? shownId : entry.id);
    } catch (error) {
      expectApiError(error);
      reworkFailed(error);
    } finally {
      opening.delete(id);
    }
    return undefined;
  }

  /** The card of a talk whose result is saved, to correct it. */
  async function openCorrection(talk) {
    if (cards.has(talk.id)) return show(talk.id);
    if (opening.has(talk.id)) return undefined;
    opening.add(talk.id);
    try {
      const entry = put((await api.cardOf(talk.id)).clientCard, false, talk);
      show(shown()?.isLive ? shownId : entry.id);
    } catch (error) {
      expectApiError(error);
      if (!error.endsSession) notices.bad(texts.notice.reworkFailed);
    } finally {
      opening.delete(talk.id);
    }
    return undefined;
  }

  /** A result that was saved while the call goes on may be corrected at once. */
  function correctInCall(entry) {
    if (!entry.isSaved || entry.correction) return;
    entry.correction = {};
    entry.form.unlock();
    onChange();
  }

  function reworkFailed(error) {
    if (error.kind === "missing") {
      session.rememberRework(null);
      notices.bad(texts.notice.gone);
      onListStale();
    } else if (!error.endsSession) {
      notices.bad(texts.notice.reworkFailed);
    }
  }

  const isDone = (entry) => entry.isSaving || (entry.isSaved && !entry.correction);

  /** What is asked before saving: towards the do-not-call list, and away from it. */
  function questionFor({ form, correction }) {
    if (form.isFinal() === form.wasFinal()) return null;
    if (form.isFinal()) return correction ? { ...texts.neverAgain, text: texts.correction.toNever } : texts.neverAgain;
    return texts.correction.awayFromNever;
  }

  async function save(entry) {
    if (isDone(entry) || entry.form.isLocked() || !entry.form.isFilledIn()) return;
    const question = entry.resendsWhenBack ? null : questionFor(entry);
    if (question && !(await confirmed(question))) return;
    if (isDone(entry) || !cards.has(entry.id)) return; // its time ran out while the question stood
    entry.isSaving = true;
    entry.resendsWhenBack = false;
    entry.form.setSaving(true);
    try {
      if (entry.correction) corrected(entry, await saving.correct(entry.id, entry.correction.version, entry.form.toSend()));
      else {
        await saving.saveResult(entry.id, entry.phone, entry.form.toSend());
        saved(entry);
      }
    } catch (error) {
      expectApiError(error);
      refused(entry, error);
    } finally {
      entry.isSaving = false;
      entry.form.setSaving(false);
    }
  }

  function saved(entry) {
    ended.add(entry.id);
    entry.isSaved = true;
    if (entry.isLive && entry.dueAt === null) {
      entry.form.lock(texts.form.saved, { isCorrectable: true }); // the operator still talks and needs the card
      notices.good(texts.notice.savedInCall);
      onChange();
    } else {
      remove(entry, unsavedCallId());
      notices.good(texts.notice.saved);
    }
    onListStale();
  }

  function corrected(entry, { taskFollows, doNotCall }) {
    corrections.remove(entry.id);
    entry.correction = null;
    if (entry.isLive && !entry.isOver) {
      entry.form.lock(texts.form.saved, { isCorrectable: true });
      onChange();
    } else remove(entry, unsavedCallId());
    const words = texts.correction;
    notices.good(words.saved, words.doNotCall[doNotCall] ?? (taskFollows ? "" : words.taskStays));
    onListStale();
  }

  function refused(entry, error) {
    const words = texts.form;
    const { form } = entry;
    if (error.kind === "invalid") form.showErrors(errorsByField(error.errors), error.description || words.server);
    else if (error.kind === "conflict") endRefused(entry, error.description || words.conflict);
    else if (error.kind === "tooLate") endRefused(entry, error.description);
    else if (error.kind === "missing") endRefused(entry, words.gone);
    else if (error.kind === "network") {
      entry.resendsWhenBack = true;
      form.say(words.network);
    } else if (!error.endsSession) form.say(words.server);
  }

  /** The server has ended this communication otherwise. Of what was typed here the comment can be added to that. */
  function endRefused(entry, text) {
    const { comment } = entry.form.typed();
    ended.add(entry.id);
    entry.isSaved = true;
    typed.remove(entry.id);
    corrections.remove(entry.id);
    entry.correction = null;
    entry.form.lock(texts.form.save);
    if (comment) entry.form.offer(text, texts.form.addAsComment, () => addComment(entry.id, comment, () => remove(entry, unsavedCallId())));
    else entry.form.say(text);
  }

  /** Adds what was typed here to the result that was saved elsewhere. */
  async function addComment(id, comment, onAdded) {
    try {
      await saving.addComment(id, comment);
      onAdded();
      notices.good(texts.notice.commentAdded);
      onListStale();
    } catch (error) {
      expectApiError(error);
      if (!error.endsSession) notices.bad(texts.notice.commentNotAdded(error.description), texts.notice.yourComment(comment));
    }
  }

  async function expire(entry) {
    ended.add(entry.id);
    closeDialogs();
    remove(entry);
    const answer = entry.form.typed();
    const outcome = await saving.saveDraft(entry.id, entry.phone, answer);
    if (outcome === "settled") tellSettled(entry.id, answer.comment);
    else notices.bad(texts.notice.notSaved, texts.notice.notSavedDetail);
    onListStale();
  }

  function tellSettled(id, comment) {
    if (!comment) return notices.bad(texts.notice.settled);
    const action = { text: texts.form.addAsComment, onclick: (close) => addComment(id, comment, close) };
    return notices.bad(texts.notice.settled, texts.notice.yourComment(comment), action);
  }

  /** To the list. The card of a call stays at hand until saved; a rework card is put back with what was typed. */
  async function back() {
    const entry = shown();
    if (!entry) return;
    if (entry.isLive && (!entry.isSaved || entry.correction)) {
      show(null);
      return;
    }
    remove(entry);
    if (entry.correction) return;
    if (typed.find(entry.id)?.sent === false) await saving.saveDraft(entry.id, entry.phone, entry.form.typed());
    onListStale();
  }

  function isCurrent(entry, { communicationId, operatorStatus }) {
    if (communicationId !== undefined) return communicationId === entry.id;
    return operatorStatus === "IN_CALL" || operatorStatus === "WRAP_UP";
  }

  /** What the server's state means for one card of a call. */
  function followCall(entry, changes) {
    const isStill = isCurrent(entry, changes);
    const hasEnded = isStill && changes.changes?.includes("CALL_FINISHED");
    if (entry.isSaved) {
      // saved during the call: it stays until the operator leaves it, or another call needs the place
      entry.isOver = entry.isOver || hasEnded || !isStill;
      if (entry.correction) return;
      if (hasEnded || (!isStill && changes.communicationId !== undefined)) remove(entry);
    } else if (hasEnded) {
      entry.dueAt = Date.parse(changes.resultDueAt) || entry.dueAt || clock.now() + WRAP_UP_MS;
    } else if (!isStill && entry.dueAt === null) {
      // its end was missed: after a lost network the server has closed it, before a new call there is time left
      entry.dueAt = changes.communicationId === undefined ? clock.now() : clock.now() + WRAP_UP_MS;
    }
  }

  function follow(changes) {
    const { communicationId, changes: names = [] } = changes;
    for (const entry of cards.values()) {
      if (entry.isLive) followCall(entry, changes);
      if (entry.resendsWhenBack) save(entry);
    }
    // READY comes again when an open card has become more complete
    const isNew = communicationId !== undefined && !cards.has(communicationId);
    if (names.includes("CLIENT_CARD_READY") || isNew) openCurrent(communicationId);
  }

  function tick() {
    for (const entry of cards.values()) {
      entry.refresh();
      if (entry.isLive && !entry.isSaved && !entry.isSaving && entry.isOverdue()) expire(entry);
    }
  }

  function networkBack() {
    for (const entry of cards.values()) if (entry.lacksDictionaries) loadDictionaries(entry);
  }

  return {
    openRework,
    openCorrection,
    /** By key: the shown card's saved result, or else the latest talk that may be corrected. */
    correct(talk) {
      const entry = shown();
      if (entry?.isLive && entry.isSaved) correctInCall(entry);
      else if (talk) openCorrection(talk);
    },
    show,
    back,
    follow,
    tick,
    networkBack,
    shown,
    hidden,
    find: (id) => cards.get(id) ?? null,
    save: () => shown() && save(shown()),
    reveal: () => shown()?.reveal(),
    isTalking: () => [...cards.values()].some((entry) => entry.isLive && !entry.isSaved),
  };
}
