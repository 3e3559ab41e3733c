// The server's clock, read from the Date header. The header is cut to whole seconds, so one answer
// bounds the offset within a second and a round trip; many answers narrow the bounds.

const SECOND_MS = 1000;

export function createClock(localNow = Date.now) {
  let lower = -Infinity;
  let upper = Infinity;

  function learn(dateHeader, sentAt, receivedAt) {
    const stamp = Date.parse(dateHeader ?? "");
    if (Number.isNaN(stamp)) return;
    const newLower = stamp - receivedAt;
    const newUpper = stamp + SECOND_MS - sentAt;
    const agrees = newLower <= upper && newUpper >= lower;
    // a clock that was set anew, here or there, makes the old bounds worthless
    lower = agrees ? Math.max(lower, newLower) : newLower;
    upper = agrees ? Math.min(upper, newUpper) : newUpper;
  }

  function now() {
    const known = Number.isFinite(lower) && Number.isFinite(upper);
    return localNow() + (known ? (lower + upper) / 2 : 0);
  }

  return { learn, now };
}
