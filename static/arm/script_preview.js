// The campaign's page of the back office: beneath the script, how the operator will see it.

import { el } from "./dom.js";
import { createScript } from "./script.js";
import { texts } from "./texts.js";

const words = texts.script;

function start(field) {
  const shown = el("div", { class: "script-preview", role: "group", "aria-label": words.preview });
  const draw = () => shown.replaceChildren(el("p", { class: "help" }, words.rules), createScript(field.value, words.sample));
  field.addEventListener("input", draw);
  field.closest(".form-row").append(shown);
  draw();
}

const field = document.getElementById("id_script");
if (field) start(field);
