// The tools of this plugin: what an agent reads about them, and what a call
// does. How a file is read is in the modules beside this one, which know
// nothing of Lucid and are tested with `npm test`.
import "./console.js";
import { decode } from "./decode.js";
import { parseDocument } from "./document.js";
import { readBytes } from "./files.js";
import { FORMATS, formatOf, readInput } from "./input.js";
import { extractTables } from "./tables.js";
import { CHARACTERS_MAX, extractText } from "./text.js";

/** The largest files. Reading Markdown takes more of everything. */
const BYTES_MAX = { html: 1 << 20, markdown: 1 << 18 };

const PATH = {
  type: "string",
  description: "Absolute path of the file, as the agent sees it.",
};
const FORMAT = {
  enum: FORMATS,
  description: "What the file is; found from its name where it is left out.",
};
const HIDDEN =
  "Scripts, styles and what a page hides are left out; `hidden` says how many parts that were.";

const TEXT = {
  name: "extract_text",
  description: `Reads an HTML or Markdown file as plain text: its title, its headings, paragraphs, list items and table rows in order, and its links. ${HIDDEN}`,
  inputSchema: JSON.stringify({
    type: "object",
    properties: {
      path: PATH,
      format: FORMAT,
      max_characters: {
        type: "integer",
        minimum: 1,
        maximum: CHARACTERS_MAX,
        description: `Text beyond this is cut, and \`cut\` is true; ${CHARACTERS_MAX} where it is left out.`,
      },
    },
    required: ["path"],
    additionalProperties: false,
  }),
  annotations: { readOnly: true, idempotent: true },
};

const TABLES = {
  name: "extract_tables",
  description: `Reads the tables of an HTML or Markdown file: for each its caption, the heading above it, the names of its columns and its rows. ${HIDDEN}`,
  inputSchema: JSON.stringify({
    type: "object",
    properties: { path: PATH, format: FORMAT },
    required: ["path"],
    additionalProperties: false,
  }),
  annotations: { readOnly: true, idempotent: true },
};

const CALLS = {
  extract_text: (document, { maxCharacters }) =>
    extractText(document, maxCharacters),
  extract_tables: extractTables,
};

export const tools = {
  listTools: () => [TEXT, TABLES],

  callTool(name, inputJson) {
    if (!Object.hasOwn(CALLS, name)) throw { tag: "unknown-tool", val: name };
    const input = readInput(inputJson, name === TEXT.name);
    const bytes = readBytes(input.path);
    const { text, encoding } = decode(bytes);
    const format = formatOf(input, text);
    if (bytes.length > BYTES_MAX[format]) {
      const what = `${input.path} is larger than ${BYTES_MAX[format]} bytes`;
      throw { tag: "failed", val: `${what}, the most for ${format}` };
    }
    const document = parseDocument(text, format);
    const found = CALLS[name](document, input);
    console.debug(`${input.path} is ${format} in ${encoding}`);
    const answer = { path: input.path, format, encoding, ...found };
    return [{ tag: "json", val: JSON.stringify(answer) }];
  },
};
