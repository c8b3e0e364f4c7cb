// What the tool does, in plain JavaScript.

/** Reads the JSON that the agent wrote. */
export function readInput(json) {
  let input;
  try {
    input = JSON.parse(json);
  } catch (error) {
    throw invalidInput(`the input is not JSON: ${error.message}`);
  }
  if (typeof input?.path !== "string") {
    throw invalidInput("the input needs `path`, the path of a Markdown file");
  }
  return { path: input.path };
}

function invalidInput(message) {
  return { tag: "invalid-input", val: message };
}

/** Lists the headings of a Markdown text as `{ level, line, text }`. */
export function outline(markdown) {
  const headings = [];
  let fence = null; // What opened the code block that the line is in.
  markdown.split(/\r?\n/).forEach((line, index) => {
    const trimmed = line.trim();
    const marks = /^(`{3,}|~{3,})/.exec(trimmed)?.[0];
    if (fence) {
      if (marks === trimmed && marks.startsWith(fence)) fence = null;
    } else if (marks) {
      fence = marks;
    } else {
      const level = /^#{1,6}(?=[ \t]|$)/.exec(line)?.[0].length;
      if (level) {
        // `## Title ##` is `Title`, and `## C#` is `C#`.
        const text = line.slice(level).trimEnd().replace(/\s#+$/, "").trim();
        headings.push({ level, line: index + 1, text });
      }
    }
  });
  return headings;
}
