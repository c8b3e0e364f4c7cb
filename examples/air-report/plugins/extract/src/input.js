// What a tool is called with.
import { CHARACTERS_MAX } from "./text.js";

export const FORMATS = ["html", "markdown"];

const ENDINGS = [
  [/\.(html?|xhtml)$/i, "html"],
  [/\.(md|markdown|txt)$/i, "markdown"],
];

/** Reads the JSON that the agent wrote. */
export function readInput(json, withLimit) {
  let input;
  try {
    input = JSON.parse(json);
  } catch (error) {
    throw invalid(`the input is not JSON: ${error.message}`);
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw invalid("the input is not a JSON object");
  }
  const { path, format, max_characters, ...others } = input;
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(`there is no input \`${other}\``);
  if (typeof path !== "string") throw invalid("`path` is missing or no text");
  if (!path.startsWith("/") || path.split("/").includes("..")) {
    throw invalid(`\`${path}\` is not an absolute path without \`..\``);
  }
  if (format !== undefined && !FORMATS.includes(format)) {
    throw invalid("`format` is `html` or `markdown`");
  }
  const maxCharacters = max_characters ?? CHARACTERS_MAX;
  const inRange = maxCharacters >= 1 && maxCharacters <= CHARACTERS_MAX;
  if (max_characters !== undefined && !withLimit) {
    throw invalid("there is no input `max_characters`");
  }
  if (!Number.isInteger(maxCharacters) || !inRange) {
    throw invalid(`\`max_characters\` is a number from 1 to ${CHARACTERS_MAX}`);
  }
  return { path, format, maxCharacters };
}

function invalid(message) {
  return { tag: "invalid-input", val: message };
}

/** What a file is: as the input says, as its name says, or as it looks. */
export function formatOf({ path, format }, text) {
  const [, named] = ENDINGS.find(([ending]) => ending.test(path)) ?? [];
  const looks = /^\s*<[a-z!?]/i.test(text) ? "html" : "markdown";
  return format ?? named ?? looks;
}
