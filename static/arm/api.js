// The ARM REST API, the only thing this page talks to.

import { language } from "./texts.js";

const BASE = "/api/arm/v1/";
const TIMEOUT_MS = 6_000; // far beyond any healthy answer, and short compared with the sixty seconds after a call

/** `kind` is what the page can do about it: network, unauthorized, locked, temporaryPassword, invalid, missing, conflict, tooLate, tooMany, server. */
export class ApiError extends Error {
  constructor(kind, { description = "", errors = {}, retryAfter = 0 } = {}) {
    super(kind);
    this.kind = kind;
    this.description = description;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }

  /** True where the token is worth nothing any more. */
  get endsSession() {
    return this.kind === "unauthorized" || this.kind === "locked";
  }

  /** True where the same request may succeed later by itself. */
  get isTemporary() {
    return this.kind === "network" || this.kind === "server" || this.kind === "tooMany";
  }
}

/** Rethrows what is a mistake of this page and not an answer of the server. */
export function expectApiError(error) {
  if (!(error instanceof ApiError)) throw error;
}

const KINDS = { 400: "invalid", 401: "unauthorized", 403: "unauthorized", 404: "missing", 409: "conflict", 429: "tooMany" };

const WORDS = { OPERATOR_LOCKED: "locked", PASSWORD_CHANGE_REQUIRED: "temporaryPassword", TOO_LATE: "tooLate" };

function toError(response, body) {
  const isLocked = response.headers.get("WWW-Authenticate")?.includes("locked"); // since the token was issued
  const kind = isLocked ? "locked" : (WORDS[body.status] ?? KINDS[response.status] ?? "server");
  return new ApiError(kind, {
    description: typeof body.description === "string" ? body.description : "",
    errors: body.errors ?? {},
    retryAfter: Number.parseInt(response.headers.get("Retry-After"), 10) || 0,
  });
}

export function createApi({ token, clock, onUnauthorized }) {
  async function send(method, path, body) {
    const headers = { Accept: "application/json", "Accept-Language": language };
    const sentToken = token();
    if (sentToken) headers.Authorization = `Bearer ${sentToken}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const sentAt = Date.now();
    let response;
    let answer;
    try {
      response = await fetch(BASE + path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        // a log-in brings and gets the cookie of a known browser; nothing else has to do with cookies
        credentials: path === "login" ? "same-origin" : "omit",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      clock.learn(response.headers.get("Date"), sentAt, Date.now());
      answer = await response.text();
    } catch {
      throw new ApiError("network");
    }
    return read(response, answer, sentToken);
  }

  function read(response, answer, sentToken) {
    const body = parse(answer);
    if (response.ok && body.status === "OK") return body.data ?? {};
    const error = toError(response, body);
    // only the token of now: a late answer to an older one must not end a new session
    if (error.endsSession && sentToken && sentToken === token()) onUnauthorized(error);
    throw error;
  }

  return {
    login: (login, password) => send("POST", "login", { login, password }),
    logout: () => send("GET", "logout"),
    hasChanges: () => send("GET", "hasChanges"),
    /** The stream of changes: its response, which lasts. */
    changes(lastId, signal) {
      const headers = { Accept: "text/event-stream", Authorization: `Bearer ${token()}` };
      if (lastId) headers["Last-Event-ID"] = lastId;
      return fetch(`${BASE}changes`, { headers, cache: "no-store", credentials: "omit", signal });
    },
    setStatus: (status) => send("POST", "setStatus", { status }),
    listCommunications: () => send("GET", "listCommunications"),
    day: () => send("GET", "day"),
    dictionaries: (id) => send("GET", `dictionaries?communicationId=${encodeURIComponent(id)}`),
    currentCard: () => send("GET", "getClientCard"),
    cardOf: (id) => send("POST", "getClientCardByCommunicationId", { communicationId: id }),
    revealPhone: (id) => send("POST", "revealPhone", { communicationId: id }),
    saveDraft: (body) => send("POST", "saveCommunicationDraft", body),
    correctResult: (body) => send("POST", "correctResult", body),
    saveResult: (body) => send("POST", "saveCommunicationResult", body),
  };
}

function parse(answer) {
  try {
    return JSON.parse(answer) ?? {};
  } catch {
    return {}; // a proxy's error page: the HTTP status says enough
  }
}
