import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { outline, readInput } from "../src/outline.js";

test("the sample is outlined", () => {
  const sample = new URL("../sample/notes.md", import.meta.url);
  assert.deepEqual(outline(readFileSync(sample, "utf8")), [
    { level: 1, line: 1, text: "Notes" },
    { level: 2, line: 5, text: "Method" },
    { level: 2, line: 12, text: "Results" },
    { level: 3, line: 14, text: 'The "fast" way' },
  ]);
});

test("headings are listed with their level and line", () => {
  assert.deepEqual(outline("# Notes\n\ntext\r\n## Method ##\r\n######\n"), [
    { level: 1, line: 1, text: "Notes" },
    { level: 2, line: 4, text: "Method" },
    { level: 6, line: 5, text: "" },
  ]);
});

test("what only looks like a heading is not one", () => {
  assert.deepEqual(outline("#no\n####### seven\ntext # text\n"), []);
});

test("only a closing sequence is cut off", () => {
  const texts = outline("# C#\n# a ## b\n# a #b\n# a # \n# #\n");
  assert.deepEqual(
    texts.map(({ text }) => text),
    ["C#", "a ## b", "a #b", "a", ""],
  );
});

test("code blocks are skipped", () => {
  const blocks = [
    "```sh\n# a\n```",
    "~~~\n# a\n```\n# b\n~~~~",
    "````\n```\n# a\n````",
  ];
  for (const block of blocks) {
    const after = block.split("\n").length + 1;
    const end = { level: 2, line: after, text: "End" };
    assert.deepEqual(outline(`${block}\n## End`), [end], block);
  }
  assert.deepEqual(outline("```\n# never closed"), []);
});

test("an input without a path is refused", () => {
  assert.deepEqual(readInput('{"path":"/a.md","more":1}'), { path: "/a.md" });
  for (const json of ["", "{", "null", "[]", '"/a.md"', "{}", '{"path":1}']) {
    assert.throws(() => readInput(json), { tag: "invalid-input" }, json);
  }
});
