// A worker, because browsers slow the timers of hidden tabs down to one a minute, and the operator
// may well look at another window when the call starts.

const TICK_MS = 250;

setInterval(() => postMessage(0), TICK_MS);
