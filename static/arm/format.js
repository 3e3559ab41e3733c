// How facts are written: rubles from kopecks, masked phones, Moscow time.

import { language, texts } from "./texts.js";

const MSK = "Europe/Moscow";
const LOCALE = language === "en" ? "en-GB" : "ru-RU";
const wholeRubles = new Intl.NumberFormat("ru-RU", { maximumFractionDigits: 0 });
const exactRubles = new Intl.NumberFormat("ru-RU", { minimumFractionDigits: 2 });
const percent = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });

/** 1000000 kopecks → «10 000 ₽»; kopecks are shown only where there are some. */
export function rubles(kopecks) {
  if (!Number.isFinite(kopecks)) return texts.none;
  const format = kopecks % 100 === 0 ? wholeRubles : exactRubles;
  return `${format.format(kopecks / 100)}\u00a0₽`;
}

/** Hundredths of a per cent a day → «0,8 % в день». */
export function dailyRate(hundredths) {
  return texts.products.rate(percent.format(hundredths / 100));
}

/** 79963802789 → «+7 (***) ***-27-89»: screens never show a whole number. */
export function maskedPhone(phone) {
  const digits = String(phone ?? "").replace(/\D/g, "");
  if (digits.length < 4) return texts.none;
  return `+7 (***) ***-${digits.slice(-4, -2)}-${digits.slice(-2)}`;
}

/** 79963802789 → «+7 996 380-27-89»: a number that the operator asked for. */
export function wholePhone(phone) {
  const found = /^7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(phone);
  return found ? `+7 ${found[1]} ${found[2]}-${found[3]}-${found[4]}` : phone;
}

export function fullName(name) {
  return [name?.lastName, name?.name, name?.middleName].filter(Boolean).join(" ");
}

export function operatorName(operator) {
  return [operator?.lastName, operator?.name].filter(Boolean).join(" ");
}

/** A length with its unit; the unit comes as a dictionary item or as day / month. */
export function length(number, unit) {
  if (!Number.isFinite(number)) return texts.none;
  const word = unit?.dictionaryValue ?? unit ?? "";
  const name = texts.units[String(unit?.dictionaryKey ?? "").toLowerCase()] ?? texts.units[String(word).toLowerCase().replace(".", "")] ?? word;
  return `${number}\u00a0${name}`.trim();
}

/** A range in words, where either end may be unknown; equal ends are one value. */
export function range(from, to, write) {
  if (from === to || to === undefined || to === null) {
    return from === undefined || from === null ? texts.none : write(from);
  }
  if (from === undefined || from === null) return texts.offers.upTo(write(to));
  return texts.offers.range(write(from), write(to));
}

/** A moment → «21:05» on the clocks of a time zone; nothing for a zone that the browser does not know. */
export function timeAt(moment, timeZone) {
  try {
    return new Intl.DateTimeFormat("ru-RU", { timeZone, hour: "2-digit", minute: "2-digit" }).format(moment);
  } catch {
    return texts.none;
  }
}

/** A moment → «ср, 26 ноября, 10:00», Moscow time. */
export function weekdayAndDay(moment) {
  return new Intl.DateTimeFormat(LOCALE, { timeZone: MSK, weekday: "short", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }).format(moment);
}

/** 161 seconds → «02:41», and from an hour on «1:02:41». */
export function clockLength(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}
