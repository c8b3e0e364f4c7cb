// The tools of this plugin: what an agent reads about them, and what a call
// does. Your own code goes into modules like `outline.js`, which know nothing
// of Lucid and are tested with `npm test`.
import "./console.js";
import { readText } from "./files.js";
import { outline, readInput } from "./outline.js";

const OUTLINE = {
  name: "outline",
  title: "Outline",
  description:
    "Lists the headings of a Markdown file, each with its level and line.",
  inputSchema: JSON.stringify({
    type: "object",
    properties: {
      path: {
        type: "string",
        description: "Absolute path of a Markdown file, as the agent sees it.",
      },
    },
    required: ["path"],
  }),
  annotations: { readOnly: true, idempotent: true },
};

export const tools = {
  listTools: () => [OUTLINE],

  callTool(name, inputJson) {
    if (name !== OUTLINE.name) throw { tag: "unknown-tool", val: name };
    const { path } = readInput(inputJson);
    const headings = outline(readText(path));
    console.debug(`${path} has ${headings.length} headings`);
    return [{ tag: "json", val: JSON.stringify({ path, headings }) }];
  },
};
