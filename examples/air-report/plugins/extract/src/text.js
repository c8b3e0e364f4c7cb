// The text of a document, in order and in parts.
import { attribute, children, isText, marks, seen } from "./visible.js";

/** The longest text of one answer, in characters. */
export const CHARACTERS_MAX = 200_000;
const LINKS_MAX = 500;

/** Elements that begin and end a part. */
const BLOCKS = new Set(
  `address article aside blockquote body caption center dd details dialog dir div dl dt
  fieldset figcaption figure footer form header hr html legend li main menu nav ol p pre
  section summary table tbody tfoot thead tr ul`.split(/\s+/),
);
const LISTS = new Set(["ul", "ol", "menu", "dir"]);

/** The title, the parts of the text, the links, and how much is hidden. */
export function extractText(document, maxCharacters) {
  const reader = new Reader(maxCharacters);
  reader.walk(document, { kind: "paragraph", depth: 0 });
  reader.flush();
  const heading = reader.blocks.find(({ kind }) => kind === "heading");
  return {
    title: reader.title || heading?.text || null,
    blocks: reader.blocks,
    links: reader.links,
    hidden: reader.hidden,
    cut: reader.cut,
  };
}

/** The text of one element on one line, tables inside it left out. */
export function lineOf(element, skip) {
  let text = "";
  for (const child of children(element, skip)) {
    if (isText(child)) text += child.value;
    else if (child.nodeName === "br") text += " ";
    else if (child.nodeName === "img") text += ` ${altOf(child)} `;
    else if (child.nodeName !== "table") {
      const space = BLOCKS.has(child.nodeName) ? " " : "";
      text += space + lineOf(child, skip) + space;
    }
  }
  return seen(text);
}

const altOf = (image) => attribute(image, "alt") ?? "";

class Reader {
  title = "";
  blocks = [];
  links = [];
  hidden = 0;
  cut = false;
  #left;
  #text = "";
  #part = { kind: "paragraph" };

  constructor(maxCharacters) {
    this.#left = maxCharacters;
  }

  #skip = () => {
    this.hidden += 1;
  };

  walk(element, place) {
    for (const child of children(element, this.#skip)) {
      if (this.cut) return;
      if (isText(child)) this.#add(child.value, place);
      else this.#element(child, place);
    }
  }

  #element(element, place) {
    const name = element.nodeName;
    if (name === "title") this.title ||= lineOf(element).trim();
    else if (name === "br") this.#text += "\n";
    else if (name === "img") this.#text += ` ${altOf(element)} `;
    else if (name === "textarea" || name === "select") return;
    else if (/^h[1-6]$/.test(name)) {
      this.#within(element, { kind: "heading", level: Number(name[1]) }, place);
    } else if (name === "li") {
      this.#within(element, { kind: "item", depth: place.depth }, place);
    } else if (name === "pre") {
      this.#within(element, { kind: "code" }, { ...place, verbatim: true });
    } else if (name === "tr") this.#row(element, place);
    else if (name === "a") this.#link(element, place);
    else if (LISTS.has(name)) {
      this.#within(element, this.#part, { ...place, depth: place.depth + 1 });
    } else if (BLOCKS.has(name)) {
      this.#within(element, this.#part, place);
    } else this.walk(element, place);
  }

  /** Reads an element as a part of its own. */
  #within(element, part, place) {
    const around = this.#part;
    this.flush();
    this.#part = part;
    this.walk(element, place);
    this.flush();
    this.#part = around;
  }

  #row(element, place) {
    this.flush();
    const cells = [];
    for (const cell of children(element, this.#skip)) {
      if (isText(cell)) continue;
      cells.push(lineOf(cell, this.#skip).trim());
      this.#linksIn(cell);
    }
    if (cells.some((cell) => cell !== "")) {
      this.#push({ kind: "row", cells }, cells.join("").length);
    }
    this.#tablesIn(element, place);
  }

  /** What was left out of a row's cells: the tables in them. */
  #tablesIn(element, place) {
    for (const child of children(element)) {
      if (isText(child)) continue;
      if (child.nodeName === "table") this.walk(child, place);
      else this.#tablesIn(child, place);
    }
  }

  #linksIn(element) {
    for (const child of children(element)) {
      if (isText(child) || child.nodeName === "table") continue;
      if (child.nodeName === "a") this.#note(child);
      this.#linksIn(child);
    }
  }

  #link(element, place) {
    this.#note(element);
    this.walk(element, place);
  }

  #note(element) {
    const href = attribute(element, "href")?.trim();
    if (href && this.links.length < LINKS_MAX) {
      this.links.push({ text: lineOf(element).trim(), href });
    }
  }

  #add(text, place) {
    this.#text += place.verbatim ? text : text.replace(/\s+/g, " ");
  }

  /** Ends the part that is being read. */
  flush() {
    const verbatim = this.#part.kind === "code";
    const lines = this.#text.split("\n").map((line) => {
      return verbatim ? marks(line).trimEnd() : seen(line).trim();
    });
    const text = lines.join("\n").replace(/^\n+|\s+$/g, "");
    this.#text = "";
    if (text !== "") this.#push({ ...this.#part, text }, text.length);
  }

  #push(block, length) {
    if (length <= this.#left) {
      this.blocks.push(block);
      this.#left -= length;
      return;
    }
    this.cut = true;
    if (block.text !== undefined && this.#left > 0) {
      const text = block.text.slice(0, this.#left);
      this.blocks.push({ ...block, text: text.toWellFormed() });
    }
    this.#left = 0;
  }
}
