// Sending what was typed, and remembering what the server has.

import { expectApiError } from "./api.js";
import { EMPTY_ANSWER } from "./typed.js";

function filledIn(answer) {
  const fields = Object.keys(EMPTY_ANSWER).filter((field) => answer[field]);
  return Object.fromEntries(fields.map((field) => [field, answer[field]]));
}

function body(id, phone, answer) {
  return { communicationId: id, clientPhone: phone, communicationResult: filledIn(answer) };
}

/** True where the server will never take this text any more: saved already, or not this operator's. */
function isSettled(error) {
  return error.kind === "conflict" || error.kind === "missing";
}

export function createSaving({ api, typed }) {
  async function saveResult(id, phone, answer) {
    await api.saveResult(body(id, phone, answer));
    typed.remove(id);
  }

  /** Resolves to "kept" once the server has the draft, to "settled" where it takes none any more, and to "unsent" while it does not answer; what was typed stays here until then. */
  async function saveDraft(id, phone, answer) {
    try {
      await api.saveDraft(body(id, phone, answer));
      typed.markSent(id, answer);
      return "kept";
    } catch (error) {
      expectApiError(error);
      if (!isSettled(error)) return "unsent";
      typed.remove(id);
      return "settled";
    }
  }

  /** Sends every unsent text; `phoneOf` may look the phone up, and null leaves the text for later. */
  async function sendUnsent(phoneOf) {
    for (const id of typed.unsent()) {
      const phone = await phoneOf(id);
      if (phone) await saveDraft(id, phone, typed.find(id).answer);
    }
  }

  /** Resolves to what the correction did. Without a version it corrects whichever is there. */
  async function correct(id, version, answer) {
    return api.correctResult({ communicationId: id, version, communicationResult: filledIn(answer) });
  }

  /** Adds a comment to a result that was saved elsewhere. */
  async function addComment(id, comment) {
    const saved = (await api.day()).latest.find((talk) => talk.id === id);
    const { result = {}, version } = saved ?? {};
    const both = [result.comment, comment].filter(Boolean).join("\n");
    await correct(id, version, { ...result, comment: both });
    typed.remove(id);
  }

  return { addComment, correct, saveResult, saveDraft, sendUnsent };
}
