// Asks hasChanges once a second, one request at a time; slower while the network is lost, and while a stream
// tells of changes by itself.

const POLL_MS = 1000;
const SLOWEST_POLL_MS = 10_000;
const STREAMED_POLL_MS = 15_000; // keeps the clock right, and finds out what a stream has missed
const EARLY_MS = 50; // a tick that comes a hair early still counts

export function startTicking(onTick) {
  const worker = new Worker(new URL("./ticker.js", import.meta.url));
  worker.addEventListener("message", onTick);
  return () => worker.terminate();
}

/** `onLost` and `onBack` are called once each time; the poll goes on until `stop`. */
export function createPoll({ ask, stream, onChanges, onLost, onBack }) {
  let isAsking = false;
  let isStopped = false;
  let failures = 0;
  let nextAt = 0;

  function schedule(startedAt) {
    const usual = stream.isLive() ? STREAMED_POLL_MS : POLL_MS;
    const wait = failures === 0 ? usual : Math.min(POLL_MS * 2 ** (failures - 1), SLOWEST_POLL_MS);
    nextAt = startedAt + wait - EARLY_MS;
  }

  /** A stream may have told something newer while the answer was on its way. */
  function succeeded(changes, isNewest) {
    const wasLost = failures > 0;
    failures = 0;
    if (wasLost) onBack();
    if (isNewest) onChanges(changes);
  }

  function failed(error) {
    if (error.endsSession) return; // the log-in screen takes over
    failures += 1;
    if (failures === 1) onLost();
  }

  async function tick() {
    const startedAt = performance.now();
    if (isStopped || isAsking || startedAt < nextAt) return;
    isAsking = true;
    const told = stream.told();
    let changes = null;
    try {
      changes = await ask();
    } catch (error) {
      if (!isStopped) failed(error);
    } finally {
      isAsking = false;
    }
    if (changes && !isStopped) succeeded(changes, stream.told() === told);
    schedule(failures === 0 ? startedAt : performance.now());
  }

  return {
    tick,
    hurry: () => {
      nextAt = 0;
    },
    stop: () => {
      isStopped = true;
    },
  };
}
