// One live workplace in a browser. A tab that finds another one live asks before it takes over; the
// other then stops. What is typed lies in the browser's storage, so it goes along.

const CHANNEL = "tm.arm.tabs";
const ANSWER_MS = 150; // a live tab of the same browser answers within a few

export function createTabs(channel = new BroadcastChannel(CHANNEL)) {
  const id = crypto.randomUUID?.() ?? String(Math.random());
  let live = null; // what this tab tells of itself while it is the live one
  let found = null;

  channel.addEventListener("message", ({ data }) => {
    if (data.to && data.to !== id) return;
    if (data.kind === "who" && live) channel.postMessage({ kind: "live", to: data.from, session: live.session() });
    else if (data.kind === "live") found?.(data.session);
    else if (data.kind === "take" && live) {
      const { onTaken } = live;
      live = null;
      onTaken();
    }
  });

  return {
    /** The session of the live workplace in another tab, or null. */
    findLive() {
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(null), ANSWER_MS);
        found = (session) => {
          clearTimeout(timer);
          resolve(session);
        };
        channel.postMessage({ kind: "who", from: id });
      });
    },
    /** From now on this tab is the live one; `onTaken` is called when another takes over. */
    live(session, onTaken) {
      channel.postMessage({ kind: "take", from: id });
      live = { session, onTaken };
    },
    leave() {
      live = null;
    },
  };
}
