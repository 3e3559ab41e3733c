// A time that a person types: «завтра 10», «26.11 14:30», «пн 9», «через 2 ч», «14:30». Moscow time, which
// has the same offset all year. Walls are milliseconds as if Moscow's clock showed UTC.

import { texts } from "./texts.js";

const words = texts.when;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MOSCOW_MS = 3 * 3_600_000;

const CLOCK = /^(\d{1,2})(?:[:.-]?(\d{2}))?$/;
const DATE = /^(\d{1,2})[./](\d{1,2})(?:[./](\d{2}|\d{4}))?$/;

export const wallOf = (moment) => moment + MOSCOW_MS;
export const momentOf = (wall) => wall - MOSCOW_MS;
const startOfDay = (wall) => Math.floor(wall / DAY_MS) * DAY_MS;

function clockOf(text) {
  const found = CLOCK.exec(text);
  if (!found) return null;
  const [hours, minutes] = [Number(found[1]), Number(found[2] ?? 0)];
  return hours < 24 && minutes < 60 ? (hours * 60 + minutes) * MINUTE_MS : null;
}

function dayOf(text, today) {
  if (text in words.days) return today + words.days[text] * DAY_MS;
  const weekday = words.weekdays.findIndex((names) => names.includes(text));
  if (weekday >= 0) return today + ((weekday - new Date(today).getUTCDay() + 7) % 7 || 7) * DAY_MS;
  return dateOf(text, today);
}

function dateOf(text, today) {
  const found = DATE.exec(text);
  if (!found) return null;
  const [day, month] = [Number(found[1]), Number(found[2])];
  const thisYear = new Date(today).getUTCFullYear();
  const year = found[3] ? Number(found[3].padStart(4, "20")) : thisYear;
  const date = Date.UTC(year, month - 1, day);
  if (new Date(date).getUTCDate() !== day || new Date(date).getUTCMonth() !== month - 1) return null;
  return !found[3] && date < today ? Date.UTC(thisYear + 1, month - 1, day) : date;
}

function afterNow(text, wall) {
  const found = words.in.exec(text);
  if (!found) return null;
  const length = Number(found[1] ?? 1) * (words.hour.test(found[2]) ? 60 : 1) * MINUTE_MS;
  return Math.ceil((wall + length) / MINUTE_MS) * MINUTE_MS;
}

/** The wall that the text means, or null where it means none. */
export function wallMeant(text, now) {
  const typed = text.toLowerCase().trim().replace(/\s+/g, " ");
  const wall = wallOf(now);
  const today = startOfDay(wall);
  const soon = afterNow(typed, wall);
  if (soon !== null) return soon;
  const parts = typed.replace(words.at, " ").split(" ").filter(Boolean);
  if (parts.length === 1) {
    const clock = typed.includes(".") ? null : clockOf(typed);
    if (clock === null) return null;
    return today + clock > wall ? today + clock : today + DAY_MS + clock;
  }
  if (parts.length !== 2) return null;
  const [day, clock] = [dayOf(parts[0], today), clockOf(parts[1])];
  if (day === null || clock === null) return null;
  return day + clock;
}


const two = (number) => String(number).padStart(2, "0");

/** A wall as the API wants it: «26.11.2026 10:00». */
export function wallToApi(wall) {
  const date = new Date(wall);
  return `${two(date.getUTCDate())}.${two(date.getUTCMonth() + 1)}.${date.getUTCFullYear()} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/** «26.11.2026 10:00» as a wall, or null. */
export function apiToWall(value) {
  const found = /^(\d{2})\.(\d{2})\.(\d{4}) (\d{2}):(\d{2})$/.exec(value ?? "");
  return found ? Date.UTC(found[3], found[2] - 1, found[1], found[4], found[5]) : null;
}
