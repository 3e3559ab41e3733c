// The workplace of a logged-in operator: header, list, open cards, and the heartbeat that moves them.

import { expectApiError } from "./api.js";
import { createPoll, startTicking } from "./changes.js";
import { createDesk } from "./desk.js";
import { closeDialogs, confirmed, showHelp } from "./dialogs.js";
import { el } from "./dom.js";
import { createHeader, isBusy, nextStatus } from "./header.js";
import { createNotices } from "./notices.js";
import { createOpenCards } from "./open_cards.js";
import { ring, showInIcon } from "./ring.js";
import { createReworkList } from "./rework_list.js";
import { createSaving } from "./saving.js";
import { listenForShortcuts } from "./shortcuts.js";
import { createStream } from "./stream.js";
import { createTelephonyLine } from "./telephony.js";
import { texts } from "./texts.js";
import { createTyped, createTypedCorrections } from "./typed.js";
import { apiToWall, momentOf } from "./when.js";

/** Draws the workplace; `onLoggedOut(message)` is called when the operator has left. Returns how to stop it. */
export function openWorkplace(root, { api, session, clock, onLoggedOut }) {
  const typed = createTyped(session.login());
  const corrections = createTypedCorrections(session.login());
  const saving = createSaving({ api, typed });
  const notices = createNotices();
  const list = createReworkList({ onOpen: (id) => desk.openRework(id), onCorrect: (talk) => desk.openCorrection(talk) });
  const openCards = createOpenCards({ onShow: (id) => desk.show(id) });
  const desk = createDesk({
    api,
    session,
    typed,
    corrections,
    saving,
    clock,
    notices,
    mayReveal: "mayRevealPhone" in root.dataset,
    onChange: draw,
    onListStale: loadList,
    onRing: (card) => isFollowing && ring(card),
  });
  const header = createHeader({
    operator: session.operator(),
    onStatus: changeStatus,
    onRework: () => desk.show(null),
    onHelp: showHelp,
    onLogout: logOut,
  });
  const lost = el(
    "div",
    { class: "lost", role: "alert", hidden: true },
    el("strong", {}, texts.network.lost),
    ` ${texts.network.lostDetail}`,
  );
  const telephonyLine = createTelephonyLine();
  const views = el("div", { class: "views" }, list.element);
  const stream = createStream({ open: api.changes, onChanges: follow, onEnd: () => poll.hurry() });
  const poll = createPoll({
    ask: api.hasChanges,
    stream,
    onChanges: follow,
    onLost: () => setLost(true),
    onBack: () => setLost(false),
  });

  let status = "UNKNOWN";
  let telephony = null; // whether it has agreed; null during a conversation
  let wantsBreak = false; // asked for during a call, begins after it
  let currentId = null; // of the communication under way; undefined without one, null before the first answer
  let drawnId;
  let isListLoading = false;
  let isListStale = false;
  let isStatusChanging = false;
  let isFollowing = false; // a call that was under way before the page opened does not ring

  function setLost(isLost) {
    lost.hidden = !isLost;
    if (isLost) return;
    desk.networkBack();
    loadList();
  }

  function showStatus() {
    header.setStatus(status, { wantsBreak, telephony, moment: clock.now() });
    telephonyLine.setState(telephony, clock.now());
  }

  function follow(changes) {
    const isFirst = currentId === null;
    currentId = changes.communicationId;
    status = changes.operatorStatus ?? status;
    telephony = changes.telephony ?? null;
    wantsBreak = wantsBreak && isBusy(status);
    showStatus();
    list.setStatus(status);
    if (changes.communicationId === undefined) isFollowing = true;
    desk.follow(changes);
    if (isFirst || changes.changes?.includes("REWORK_LIST_CHANGED")) loadList();
  }

  /** Shows what the desk has in front; the focus follows only when that is another card than before. */
  function draw() {
    const entry = desk.shown();
    for (const view of views.children) view.hidden = view !== (entry?.element ?? list.element);
    if (entry && !entry.element.isConnected) views.append(entry.element);
    if (entry) entry.element.hidden = false;
    openCards.draw(desk.hidden());
    beat();
    if (drawnId === (entry?.id ?? null)) return;
    drawnId = entry?.id ?? null;
    (entry ?? list).focus();
  }

  /** One load at a time; a request that comes meanwhile is served after it. */
  async function loadList() {
    isListStale = true;
    if (isListLoading) return;
    isListLoading = true;
    try {
      while (isListStale) {
        isListStale = false;
        list.setItems((await api.listCommunications()).communications);
        header.setReworkCount(list.ids().length);
        list.showDay(await api.day(), (time) => momentOf(apiToWall(time)) <= clock.now());
      }
      sendLeftBehind();
    } catch (error) {
      expectApiError(error); // the next change or the network's return asks again
    } finally {
      isListLoading = false;
    }
  }

  /** Drafts of what was typed into cards that are not open: after a reload, or after a lost network. */
  function sendLeftBehind() {
    if (currentId === null) return; // a draft of the call under way would cut its time for the result short
    const isAtHand = (id) => id === currentId || desk.find(id);
    saving.sendUnsent((id) => (isAtHand(id) ? null : list.phoneOf(id)));
  }

  async function changeStatus() {
    const wanted = nextStatus(status, wantsBreak, telephony);
    if (isStatusChanging || wanted === null) return;
    isStatusChanging = true;
    try {
      await api.setStatus(wanted);
      wantsBreak = isBusy(status) && wanted === "BREAK";
      showStatus();
      poll.hurry();
    } catch (error) {
      expectApiError(error);
      if (!error.endsSession) notices.bad(texts.header.statusFailed, error.description);
    } finally {
      isStatusChanging = false;
    }
  }

  async function phoneOf(id) {
    const known = desk.find(id)?.phone ?? list.phoneOf(id);
    if (known) return known;
    try {
      return (await api.cardOf(id)).clientCard.currentCommunication.callPhone;
    } catch (error) {
      expectApiError(error);
      if (error.kind === "missing") typed.remove(id); // not this operator's any more
      return null;
    }
  }

  async function logOut() {
    if (desk.isTalking() && !(await confirmed(texts.leave))) return;
    await saving.sendUnsent(phoneOf);
    try {
      await api.logout();
    } catch (error) {
      expectApiError(error);
      if (error.endsSession) return; // the log-in screen is there already
    }
    typed.removeSent();
    corrections.removeAll();
    const isUnsent = typed.unsent().length > 0;
    stop();
    session.end();
    onLoggedOut(isUnsent ? texts.login.loggedOutUnsent : texts.login.loggedOut);
  }

  function titleOfTab() {
    const open = [desk.shown(), ...desk.hidden()].filter((entry) => entry?.isLive && !entry.isSaved);
    const seconds = open.map((entry) => entry.seconds()).find((left) => left !== null);
    if (status === "IN_CALL" || (open.length > 0 && seconds === undefined)) return texts.tab.inCall;
    return seconds === undefined ? null : texts.tab.wrapUp(seconds);
  }

  function beat() {
    const state = titleOfTab();
    showInIcon(state !== null);
    header.tick(clock.now());
    list.tick(clock.now());
    telephonyLine.draw(clock.now());
    const title = state ? `${state} — ${texts.product}` : texts.product;
    if (document.title !== title) document.title = title;
    for (const entry of desk.hidden()) openCards.update(entry, entry.seconds());
  }

  const stopTicking = startTicking(() => {
    stream.tick();
    poll.tick();
    desk.tick();
    beat();
  });
  const hurry = () => poll.hurry();
  window.addEventListener("online", hurry);
  const stopShortcuts = listenForShortcuts({
    save: desk.save,
    chooseResult: (number) => desk.shown()?.form.chooseResult(number),
    focusReason: () => desk.shown()?.form.focusField("reason"),
    focusComment: () => desk.shown()?.form.focusField("comment"),
    revealPhone: desk.reveal,
    correct: () => desk.correct(list.correctable(clock.now())),
    unfold: (name) => desk.shown()?.unfold(name),
    scrollCard: (direction) => desk.shown()?.scroll(direction),
    switchCard: () => desk.hidden().length && desk.show(desk.hidden()[0].id),
    backToList: () => notices.closeBad() || desk.back(),
    changeStatus,
    showHelp,
  });

  function stop() {
    poll.stop();
    stream.stop();
    stopTicking();
    stopShortcuts();
    window.removeEventListener("online", hurry);
    closeDialogs();
    document.title = texts.product;
    showInIcon(false);
  }

  root.replaceChildren(
    el("div", { class: "workplace" }, header.element, lost, telephonyLine.element, openCards.element, notices.region, views),
  );
  draw();
  if (session.reworkId()) desk.openRework(session.reworkId());
  return stop;
}
