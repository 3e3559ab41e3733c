// The stream of changes: the same as hasChanges, told at once. While it is live the page asks seldom; when it
// is not there, breaks or falls silent, asking goes on as if it had never been.

const SILENT_MS = 45_000; // the server sends a comment every fifteen seconds
const PROVEN_MS = 2_000; // a server without streams ends each after its first event
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** One event: the lines between two empty ones. */
function eventOf(text) {
  const event = { name: "message", id: null, data: "" };
  for (const line of text.split("\n")) {
    const [, field, value] = /^(event|id|data): ?(.*)$/.exec(line) ?? [];
    if (field === "event") event.name = value;
    else if (field === "id") event.id = value;
    else if (field === "data") event.data += value;
  }
  return event;
}

/** `open(lastId, signal)` resolves to the response. `onEnd` is called when a stream that told something has ended. */
export function createStream({ open, onChanges, onEnd }) {
  let controller = null;
  let openedAt = null;
  let heardAt = 0;
  let nextAt = 0;
  let wait = SHORTEST_WAIT_MS;
  let lastId = null;
  let told = 0; // how many states the streams have told

  const now = () => performance.now();
  const isProven = () => openedAt !== null && now() - openedAt > PROVEN_MS;

  function take(event) {
    if (event.name !== "changes") return;
    lastId = event.id;
    openedAt ??= now();
    told += 1;
    onChanges(JSON.parse(event.data).data);
  }

  async function read(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      heardAt = now();
      openedAt ??= now();
      const texts = (rest + value).split("\n\n");
      rest = texts.pop();
      for (const text of texts) take(eventOf(text));
    }
  }

  async function listen(signal) {
    const response = await open(lastId, signal);
    if (!response.ok) throw new Error("no stream");
    await read(response);
  }

  async function start() {
    controller = new AbortController();
    const { signal } = controller;
    heardAt = now();
    try {
      await listen(signal);
    } catch {
      // asking goes on and tells what is wrong
    }
    if (signal.aborted && controller === null) return; // stopped
    const wasLive = isProven();
    controller = null;
    openedAt = null;
    wait = wasLive ? SHORTEST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
    nextAt = now() + wait;
    if (wasLive) onEnd();
  }

  function stop() {
    const open = controller;
    controller = null;
    openedAt = null;
    nextAt = Infinity;
    open?.abort();
  }

  return {
    tick() {
      if (controller === null && now() >= nextAt) start();
      else if (controller !== null && now() - heardAt > SILENT_MS) controller.abort();
    },
    isLive: () => isProven() && now() - heardAt < SILENT_MS,
    /** Changes whenever a stream has told something: an answer that was asked for before is older. */
    told: () => told,
    stop,
  };
}
