// The keyboard. Keys are recognised by their place (event.code), so that they work in the Russian layout as well.

const TEXT_FIELDS = "input:not([type=radio]), textarea, select";

function digitOf(code) {
  return /^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1];
}

function withAlt(event, actions) {
  const digit = digitOf(event.code);
  if (digit) return () => actions.chooseResult(Number(digit));
  return {
    KeyR: actions.changeStatus,
    KeyC: actions.switchCard,
    KeyP: actions.focusReason,
    KeyD: actions.correct,
    KeyK: actions.focusComment,
    KeyN: actions.revealPhone,
    KeyJ: () => actions.unfold("applications"),
    KeyB: () => actions.unfold("history"),
    PageDown: () => actions.scrollCard(1),
    PageUp: () => actions.scrollCard(-1),
  }[event.code];
}

function withoutAlt(event, actions) {
  if (event.key === "F1") return actions.showHelp;
  if (event.key === "?" && !event.target.matches(TEXT_FIELDS)) return actions.showHelp;
  if (event.key === "Escape") return actions.backToList;
  return undefined;
}

function actionFor(event, actions) {
  const { altKey, ctrlKey, metaKey } = event;
  if (event.key === "Enter" && (ctrlKey || metaKey) && !altKey) return actions.save;
  if (ctrlKey || metaKey) return undefined; // AltGr arrives as Ctrl+Alt and types letters
  return altKey ? withAlt(event, actions) : withoutAlt(event, actions);
}

/** Starts listening; returns how to stop. A dialog keeps its keys to itself. */
export function listenForShortcuts(actions) {
  function onKeydown(event) {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const action = actionFor(event, actions);
    if (!action) return;
    event.preventDefault();
    if (!event.repeat || event.code.startsWith("Page")) action();
  }
  document.addEventListener("keydown", onKeydown);
  return () => document.removeEventListener("keydown", onKeydown);
}
