// The script of a conversation, as senior operators write it: plain lines, with
//   {name}        what is known of this client; the words are in texts.script.names
//   1. a step     numbered lines are steps
//   ? objection   folded, with the lines below it as the answer, up to an empty line, a step or the next objection

import { el } from "./dom.js";
import { texts } from "./texts.js";
import { allNames } from "./script_names.js";

const STEP = /^\s*(\d{1,2})[.)]\s+(.*)$/;
const OBJECTION = /^\s*\?\s*(.+)$/;
const NAME = /\{([^{}\n]{1,40})\}/gu;

/** A line as text, with what is known in place of the names in braces. */
function filledIn(line, values) {
  const parts = [];
  let from = 0;
  for (const found of line.matchAll(NAME)) {
    const field = allNames[found[1].trim().toLowerCase()];
    if (!field) continue; // not a name that we know: shown as it was written
    parts.push(line.slice(from, found.index), valueOf(field, found[1].trim(), values));
    from = found.index + found[0].length;
  }
  return [...parts, line.slice(from)].filter((part) => part !== "");
}

function valueOf(field, written, values) {
  const value = values[field];
  return value ? el("strong", { class: "script-value" }, value) : el("span", { class: "script-unknown", title: texts.script.unknown }, `‹${written}›`);
}

function linesOf(lines, values) {
  return lines.flatMap((line, index) => [...(index ? [el("br")] : []), ...filledIn(line, values)]);
}

/** The script in blocks: {kind: "text", "step" or "objection", number, title, lines}. */
export function blocksOf(text) {
  const blocks = [];
  for (const line of text.split("\n")) {
    const step = STEP.exec(line);
    const objection = OBJECTION.exec(line);
    const last = blocks.at(-1);
    if (step) blocks.push({ kind: "step", number: Number(step[1]), lines: [step[2]] });
    else if (objection) blocks.push({ kind: "objection", title: objection[1], lines: [] });
    else if (line.trim() === "") blocks.push({ kind: "gap", lines: [] });
    else if (last && last.kind !== "gap") last.lines.push(line.trim());
    else blocks.push({ kind: "text", lines: [line.trim()] });
  }
  return blocks.filter(({ kind }) => kind !== "gap");
}

function drawn(block, values) {
  if (block.kind === "objection") {
    return el("details", { class: "objection" }, el("summary", {}, ...filledIn(block.title, values)), el("p", {}, ...linesOf(block.lines, values)));
  }
  const text = linesOf(block.lines, values);
  return block.kind === "step" ? el("p", { class: "step" }, el("span", { class: "step-number" }, `${block.number}.`), el("span", {}, ...text)) : el("p", {}, ...text);
}

export function createScript(text, values) {
  return el("div", { class: "script-text" }, ...blocksOf(text).map((block) => drawn(block, values)));
}
