// The page speaks the language of <html lang>: Russian unless English was asked for.

import english from "./texts.en.js";
import russian from "./texts.ru.js";

export const language = document.documentElement.lang.toLowerCase().startsWith("en") ? "en" : "ru";
export const texts = language === "en" ? english : russian;
