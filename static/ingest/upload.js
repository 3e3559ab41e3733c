// Sends a file in pieces, so that no request is long and a lost connection loses one piece.

const PIECE = 1024 * 1024; // bytes; apps/ingest/uploads.py takes no more
const PAUSE = 2000; // ms before a piece is sent again
const TRIES = 30; // of one piece: a minute without a network

const form = document.getElementById("upload");
const chosen = document.getElementById("upload-file");
const state = form.querySelector(".upload-state");
const progress = document.getElementById("upload-progress");
const percent = form.querySelector(".upload-percent");
const error = document.getElementById("upload-error");

class Refused extends Error {}

function show(part) {
  state.hidden = false;
  progress.value = Math.floor(100 * part);
  percent.textContent = `${progress.value} %`;
}

function complain(text) {
  error.textContent = text;
  error.hidden = text === "";
}

async function post(url, body) {
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const answer = await fetch(url, { method: "POST", headers, body });
  if (answer.status >= 500) throw new TypeError("try again");
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  if (!isJson) throw new Refused(form.dataset.failed); // the log-in page, or no right
  const told = await answer.json();
  if (told.error) throw new Refused(told.error);
  return told;
}

async function postUntilItArrives(url, body) {
  for (let tries = 1; ; tries += 1) {
    try {
      const told = await post(url, body);
      complain("");
      return told;
    } catch (failure) {
      if (failure instanceof Refused || tries === TRIES) throw failure;
      complain(form.dataset.lost);
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    }
  }
}

async function send(file) {
  const wanted = new FormData(form);
  wanted.set("name", file.name);
  wanted.set("size", String(file.size));
  const { piece, page } = await post(form.dataset.begin, wanted);
  for (let at = 0; at < file.size; ) {
    const body = file.slice(at, at + PIECE);
    ({ present: at } = await postUntilItArrives(`${piece}?at=${at}`, body));
    show(at / file.size);
  }
  window.location.assign(page);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  const [file] = chosen.files;
  if (!file) return;
  button.disabled = true;
  complain("");
  show(0);
  try {
    await send(file);
  } catch (failure) {
    complain(failure instanceof Refused ? failure.message : form.dataset.failed);
    state.hidden = true;
    button.disabled = false;
  }
});
