// A text as a tree of elements. Markdown becomes HTML first, so that both are
// read in one way; HTML is read as browsers read it, broken or not.
import { marked } from "marked";
import { defaultTreeAdapter, parse } from "parse5";

/** Elements inside each other at most: as deep as browsers go. */
const DEPTH_MAX = 500;

/** The tree of a text. There is no text without one. */
export function parseDocument(text, format) {
  const html = format === "markdown" ? htmlOf(text) : text;
  return tree(html) ?? tree(withoutTags(html)) ?? tree("");
}

function htmlOf(markdown) {
  // A block of settings on top is not part of what people read.
  const body = markdown.replace(/^---\r?\n[^]*?\r?\n---(\r?\n|$)/, "");
  try {
    return marked.parse(body, { async: false, gfm: true });
  } catch {
    return `<pre>${escaped(body)}</pre>`; // Nested until the stack ran out.
  }
}

/** The tree of a page, or null where it nests too deeply. */
function tree(html) {
  let depth = 0;
  const treeAdapter = {
    ...defaultTreeAdapter,
    onItemPush() {
      depth += 1;
      if (depth > DEPTH_MAX) throw new RangeError("nested too deeply");
    },
    onItemPop() {
      depth -= 1;
    },
  };
  try {
    return parse(html, { treeAdapter });
  } catch {
    return null;
  }
}

/** What is left of a page that nests too deeply: its text, part by part. */
function withoutTags(html) {
  const tags =
    /<(script|style|template|noscript)\b[^]*?(<\/\1[^>]*>?|$)|<[^>]*>?/gi;
  return `<pre>${html.replace(tags, "\n")}</pre>`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
