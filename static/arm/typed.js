// What the operator has typed, letter by letter, per operator and communication. It outlives a reload,
// a lost network, a second card and a lost session; it goes away once the result is saved for good,
// and at log-out once the server has it.

const PREFIX = "tm.arm.typed.";
const CORRECTIONS = "tm.arm.corrections."; // of results that are saved: never sent as drafts

export const EMPTY_ANSWER = Object.freeze({ reason: "", result: "", comment: "", callbackTime: "" });

export function sameAnswer(one, other) {
  return Object.keys(EMPTY_ANSWER).every((field) => (one?.[field] ?? "") === (other?.[field] ?? ""));
}

/** What is typed into corrections of saved results. */
export function createTypedCorrections(login) {
  return createTyped(login, { prefix: CORRECTIONS });
}

export function createTyped(login, { prefix: kind = PREFIX, storage = window.localStorage } = {}) {
  const memory = new Map(); // stands in where the browser refuses storage
  const prefix = `${kind}${login}.`;

  function write(id, record) {
    memory.set(String(id), record);
    try {
      storage.setItem(prefix + id, JSON.stringify(record));
    } catch {
      // storage is full or forbidden: memory still holds it until the tab closes
    }
  }

  function find(id) {
    try {
      const text = storage.getItem(prefix + id);
      if (text) return JSON.parse(text);
    } catch {
      // fall through to memory
    }
    return memory.get(String(id)) ?? null;
  }

  function ids() {
    const stored = [];
    for (let index = 0; index < storage.length; index += 1) {
      const key = storage.key(index);
      if (key.startsWith(prefix)) stored.push(key.slice(prefix.length));
    }
    return [...new Set([...stored, ...memory.keys()])].map(Number);
  }

  function remove(id) {
    memory.delete(String(id));
    storage.removeItem(prefix + id);
  }

  return {
    find,
    remove,
    put(id, answer) {
      write(id, { answer, sent: false });
    },
    /** The server has this answer; if more was typed meanwhile, that is still unsent. */
    markSent(id, answer) {
      const record = find(id);
      if (record && sameAnswer(record.answer, answer)) write(id, { answer, sent: true });
    },
    unsent: () => ids().filter((id) => find(id)?.sent === false),
    removeAll() {
      for (const id of ids()) remove(id);
    },
    removeSent() {
      for (const id of ids()) if (find(id)?.sent) remove(id);
    },
  };
}

/** What the form starts with: the unsent text first, then the server's, with what the server does not give back. */
export function startingAnswer(record, saved = {}) {
  const fromServer = { ...EMPTY_ANSWER, ...pick(saved) };
  if (!record) return fromServer;
  if (!record.sent) return { ...EMPTY_ANSWER, ...record.answer };
  const callbackTime = fromServer.callbackTime || record.answer.callbackTime || "";
  return { ...fromServer, callbackTime };
}

function pick(saved) {
  const known = Object.keys(EMPTY_ANSWER).filter((field) => saved?.[field]);
  return Object.fromEntries(known.map((field) => [field, saved[field]]));
}
