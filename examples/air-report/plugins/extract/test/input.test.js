import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../src/decode.js";
import { formatOf, readInput } from "../src/input.js";

test("an input is a path, and maybe a format and a length", () => {
  assert.deepEqual(readInput('{"path":"/a.md","max_characters":9}', true), {
    path: "/a.md",
    format: undefined,
    maxCharacters: 9,
  });
  for (const json of [
    "",
    "{",
    "null",
    "[]",
    '"/a"',
    "{}",
    '{"path":1}',
    '{"path":"a.md"}',
    '{"path":"/a/../b"}',
    '{"path":"/a","format":"pdf"}',
    '{"path":"/a","max_characters":0}',
    '{"path":"/a","max_characters":"9"}',
    '{"path":"/a","more":1}',
    `${'{"a":'.repeat(120)}1${"}".repeat(120)}`,
  ]) {
    assert.throws(() => readInput(json, true), { tag: "invalid-input" }, json);
  }
  const tables = '{"path":"/a","max_characters":9}';
  assert.throws(() => readInput(tables, false), { tag: "invalid-input" });
});

test("a file is what the input says, or its name, or how it looks", () => {
  const format = (path, text, format) => formatOf({ path, format }, text);
  assert.equal(format("/a.htm", "# a", undefined), "html");
  assert.equal(format("/a.md", "<p>", undefined), "markdown");
  assert.equal(format("/a.md", "<p>", "html"), "html");
  assert.equal(format("/a", "\n <!DOCTYPE html>", undefined), "html");
  assert.equal(format("/a", "a < b", undefined), "markdown");
});

test("bytes that are not UTF-8 are an old page's", () => {
  assert.deepEqual(decode(new TextEncoder().encode("\uFEFFµg")), {
    text: "µg",
    encoding: "utf-8",
  });
  const old = Uint8Array.of(0x80, 0x95, 0xb5, 0xfc);
  assert.deepEqual(decode(old), { text: "€•µü", encoding: "windows-1252" });
  const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const { text } = decode(every);
  assert.deepEqual([text.length, new Set(text).size], [256, 256]);
});
