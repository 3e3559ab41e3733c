// Every word of the operator's page, in English. The same keys as texts.ru.js.

function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

export default {
  product: "Telemarketing",
  brand: "TELEMARKETING",
  none: "—",
  close: "Close",
  cancel: "Cancel",

  login: {
    title: "TELEMARKETING",
    subtitle: "Operator workplace",
    login: "Login",
    password: "Password",
    submit: "Log in",
    busy: "Logging in…",
    required: "Fill in this field.",
    wrong: "Wrong login or password.",
    locked: "This account is locked. Please ask a senior operator.",
    temporaryPassword: "The password is temporary: change it first.",
    tooMany: (seconds) =>
      seconds
        ? `Too many attempts. Try again in ${count(seconds, "second", "seconds")}.`
        : "Too many attempts. Try again later.",
    network: "No connection to the server. Check the network and try again.",
    failed: "Could not log in. Please try again.",
    sessionOver: "Your session is over. Log in again: everything you typed is kept.",
    loggedOut: "You have logged out.",
    loggedOutUnsent:
      "You logged out without a connection. What you typed stays on this computer and will be sent when you log in again.",
  },

  header: {
    label: "Operator",
    status: "Status",
    help: "Keys",
    logout: "Log out",
    toBreak: "Break",
    toReady: "Ready for calls",
    breakLater: "Break after the call",
    statusFailed: "The status did not change.",
  },

  status: {
    READY: "Ready for calls",
    BREAK: "On a break",
    IN_CALL: "In a call",
    WRAP_UP: "After-call work",
    OFFLINE: "Offline",
    UNKNOWN: "Connecting…",
  },

  tab: {
    inCall: "● In a call",
    wrapUp: (seconds) => `${seconds} s · Result`,
    unsaved: "Result not saved",
  },

  network: {
    lost: "No connection to the server.",
    lostDetail: "Reconnecting. What you type is kept on this computer.",
  },

  notice: {
    saved: "The result of the call is saved.",
    savedInCall: "The result of the call is saved. Esc closes the card.",
    notSaved: "The result for the previous client was not saved.",
    revealFailed: "The number could not be shown.",
    notSavedDetail: "The card goes back for rework.",
    cardFailed: "The client card did not load. Trying again.",
    reworkFailed: "The card did not open. Please try again.",
    gone: "This card no longer waits for rework.",
  },

  open: {
    label: "Open cards",
    live: "In a call",
    wrapUp: (seconds) => `${seconds} s left`,
    saved: "Saved",
    rework: "For rework",
    back: "Back to the card",
  },

  rework: {
    title: "Cards for rework",
    count: (number) => count(number, "card", "cards"),
    hint: "Open a card and save the result of its call.",
    empty: "Every result is saved",
    emptyReady: "The client card opens by itself as soon as a call starts.",
    emptyBreak: "You are on a break. When you are ready, choose “Ready for calls”.",
    emptyOffline: "Telephony is not connected yet. Calls begin once the status is “Ready for calls”.",
    loading: "Loading the list…",
    notSaved: "Not saved",
    open: (phone) => `Open the card of client ${phone}`,
    columns: {
      date: "Date (MSK)",
      number: "Application",
      type: "Type",
      campaign: "Campaign",
      phone: "Phone",
      result: "Result",
    },
  },

  type: { APPLICATION: "Application", LOAN: "Loan" },

  card: {
    back: "To the list",
    inCall: "In a call",
    wrapUp: "The call has ended",
    rework: "For rework",
    unknownName: "Name unknown",
    citizenship: "Citizenship",
    age: "Age",
    years: (number) => count(number, "year", "years"),
    phone: "Phone",
    campaign: "Campaign",
    script: "Script",
    reveal: "Show number",
    unavailable: (parts) => `Could not get: ${parts.join(", ")}. The rest is shown.`,
    pending: (parts) => `Still asking for: ${parts.join(", ")}. They will be added.`,
    otherPerson: "Casper knows this number as another person's: say nothing of loans.",
    differs: (names) => `Differs: ${names.join(", ")}.`,
    attributes: { name: "name", birthDate: "birth date", document: "document" },
    missing: "No data: the service did not answer.",
    asked: "Still being asked for.",
    parts: {
      offers: "available products",
      applications: "applications",
    },
  },

  products: {
    title: "Applications and loans",
    empty: "No applications and no loans.",
    current: "Current",
    requested: (sum) => `${sum} requested`,
    rate: (value) => `${value} % a day`,
    columns: {
      date: "Date (MSK)",
      number: "Number",
      type: "Type",
      status: "Status",
      product: "Product",
      sum: "Sum",
      term: "Term",
      grace: "Grace",
      os: "OS",
      flow: "Flow",
      filling: "Documents filled in",
      crediting: "Crediting",
    },
  },

  documents: {
    title: "Errors in documents",
    advice: "Advise:",
    unnamed: "Error in the document",
    status: { done: "filled in", error: "error", empty: "not filled in" },
  },

  offers: {
    title: "Available products",
    empty: "No products are available.",
    range: (from, to) => `${from} – ${to}`,
    upTo: (to) => `up to ${to}`,
    from: (from) => `from ${from}`,
  },

  units: { day: "d", month: "mo", year: "y" },

  history: {
    title: "Communications history",
    empty: "Nobody has talked to this client yet.",
    withheld: (count) => `Conversations with other persons on this number are not shown: ${count}.`,
    personUnknown: "This may have been the number's former owner.",
    reason: "Reason",
    result: "Result",
    columns: {
      date: "Date (MSK)",
      number: "Number",
      type: "Type",
      campaign: "Campaign",
      result: "Result of the call",
      comment: "Comment",
      operator: "Operator",
      phone: "Phone",
    },
  },

  form: {
    title: "Result of the call",
    reason: "Reason",
    noReason: "Not given",
    result: "Result",
    comment: "Comment",
    callback: "When to call back (MSK)",
    inHour: "In 1 hour",
    inThreeHours: "In 3 hours",
    tomorrow: "Tomorrow at 10:00",
    save: "SAVE",
    saving: "SAVING…",
    saved: "The result is saved",
    kept: "What you type is kept",
    loading: "Loading the choices…",
    dictionariesFailed: "Reasons and results did not load.",
    retry: "Load again",
    chooseResult: "Choose a result.",
    chooseCallback: "Give the date and time of the call.",
    pastCallback: "This time has passed.",
    network: "No connection. Nothing is lost: it will be saved as soon as the connection is back.",
    server: "The server could not save the result. Please try again.",
    conflict: "Another result of this call was saved already.",
    gone: "This card is no longer yours or is closed.",
    invalid: "Check the marked fields.",
  },

  timer: {
    label: "Until the card goes back for rework",
    seconds: "s",
    announce: (number) => `${count(number, "second", "seconds")} left.`,
  },

  help: {
    title: "Working from the keyboard",
    columns: { keys: "Keys", action: "What happens" },
    anywhere: "Everywhere",
    inCard: "In the client card",
    inList: "In the list",
    save: "save the result of the call",
    result: "choose the result with that number",
    reason: "go to the reason",
    comment: "go to the comment",
    scroll: "scroll the card without leaving the field",
    status: "ready for calls / break",
    switchCard: "go to the other open card",
    back: "back to the list (what you typed is kept)",
    reveal: "show the client's number",
    help: "show this page",
    arrows: "choose a card",
    enter: "open the card",
    keys: {
      save: "Ctrl + Enter",
      result: "Alt + 1…9",
      reason: "Alt + P",
      reveal: "Alt + N",
      comment: "Alt + K",
      scroll: "Alt + PgUp / PgDn",
      status: "Alt + R",
      switchCard: "Alt + C",
      back: "Esc",
      help: "? or F1",
      arrows: "↑ ↓",
      enter: "Enter",
    },
  },

  leave: {
    title: "Log out?",
    inCall: "The call is not over. What you typed will be saved as a draft and the card goes back for rework.",
    confirm: "Log out",
  },
};
