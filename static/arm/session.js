// Who is logged in, for as long as this browser tab lives.

const SESSION = "tm.arm.session";
const REWORK = "tm.arm.rework";

export function createSession(storage = window.sessionStorage) {
  let current = read();

  function read() {
    try {
      return JSON.parse(storage.getItem(SESSION)) ?? {};
    } catch {
      return {};
    }
  }

  function write(next) {
    current = next;
    storage.setItem(SESSION, JSON.stringify(next));
  }

  return {
    token: () => current.token ?? "",
    login: () => current.login ?? "",
    operator: () => current.operator ?? {},
    /** All of it, for another tab of this browser. */
    whole: () => ({ ...current }),
    begin(login, { token, operator }) {
      if (login !== current.login) storage.removeItem(REWORK);
      write({ login, token, operator });
    },
    /** The token is worthless, the operator will come back: the login and the opened card stay. */
    expire: () => write({ login: current.login }),
    end() {
      current = {};
      storage.removeItem(SESSION);
      storage.removeItem(REWORK);
    },
    /** The rework card that is open now, so that a reload comes back to it. */
    reworkId: () => Number(storage.getItem(REWORK)) || null,
    rememberRework: (id) => (id ? storage.setItem(REWORK, String(id)) : storage.removeItem(REWORK)),
  };
}
