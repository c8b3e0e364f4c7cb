import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDocument } from "../src/document.js";
import { CHARACTERS_MAX, extractText } from "../src/text.js";

const read = (text, format = "html", limit = CHARACTERS_MAX) =>
  extractText(parseDocument(text, format), limit);
const texts = (...input) =>
  read(...input).blocks.map(({ text, cells }) => text ?? cells);

test("a page is its title, parts and links, in order", () => {
  const page = `<title> A &amp; B </title><h1>Notice</h1><p>One
    <b>two</b>&nbsp;three<p>Four<br>five
    <ul><li>a<ul><li>b</ul><li><p>c</ul>
    <table><tr><th>x<th>y<tr><td>1<td><a href="/n">2</a></table>
    <pre>  if a:\n    b  </pre><a href=" /c ">See <i>c</i></a>`;
  assert.deepEqual(read(page), {
    title: "A & B",
    blocks: [
      { kind: "heading", level: 1, text: "Notice" },
      { kind: "paragraph", text: "One two three" },
      { kind: "paragraph", text: "Four\nfive" },
      { kind: "item", depth: 1, text: "a" },
      { kind: "item", depth: 2, text: "b" },
      { kind: "item", depth: 1, text: "c" },
      { kind: "row", cells: ["x", "y"] },
      { kind: "row", cells: ["1", "2"] },
      { kind: "code", text: "  if a:\n    b" },
      { kind: "paragraph", text: "See c" },
    ],
    links: [
      { text: "2", href: "/n" },
      { text: "See c", href: "/c" },
    ],
    hidden: 0,
    cut: false,
  });
});

test("Markdown is read like a page, without the settings on top", () => {
  const notes =
    "---\ntitle: x\n---\n# Notes\n\nSee [the *list*](list.md).\n\n- a\n- b\n\n" +
    "| n | v |\n|---|---|\n| 1 | 2 µg |\n\n```\n# no heading\n```\n<script>no()</script>\n";
  const { title, blocks, links } = read(notes, "markdown");
  assert.equal(title, "Notes");
  assert.deepEqual(
    blocks.map(({ kind, text, cells }) => `${kind} ${text ?? cells}`),
    [
      "heading Notes",
      "paragraph See the list.",
      "item a",
      "item b",
      "row n,v",
      "row 1,2 µg",
      "code # no heading",
    ],
  );
  assert.deepEqual(links, [{ text: "the list", href: "list.md" }]);
});

test("what people do not see is left out and counted", () => {
  const page = `<style>p{}</style><script>document.write("<p>no")</script>
    <template><p>no</template><noscript><p>no</noscript><svg><title>no</title></svg>
    <p hidden>no<p style="color: red; DISPLAY : none">no<p style="visibility:hidden">no
    <p>yes<span style="font-size:0">no</span><!-- no -->
    <p style="opacity: 0.5">pale`;
  const { title, hidden } = read(page);
  assert.deepEqual([title, hidden], [null, 4]);
  assert.deepEqual(texts(page), ["yes", "pale"]);
});

test("characters without a mark are gone", () => {
  const tags = [..."ignore"].map((c) =>
    String.fromCodePoint(0xe0000 + c.charCodeAt(0)),
  );
  assert.deepEqual(texts(`<p>a\u200Bb\u00ADc\u202E${tags.join("")}d\u00A0e`), [
    "abcd e",
  ]);
});

test("entities are read, also the broken ones", () => {
  assert.deepEqual(
    texts("<p>&micro;g/m&sup3 &#8211; &#x41; &amp &nosuch; &#0; &lt;p&gt;"),
    ["µg/m³ – A & &nosuch; \uFFFD <p>"],
  );
});

test("a broken page is read as far as there is something to read", () => {
  for (const [page, expected] of [
    ["", []],
    ["<", ["<"]],
    ["<p", []],
    ["</p></div>a", ["a"]],
    ["<p>a<div>b</p>c</span>", ["a", "b", "c"]],
    ["<b><p>a</b>b</p>c", ["ab", "c"]],
    ["<table><tr><td>a<p>b</table>c", [["a b"], "c"]],
    ["<table>out<tr><td>in", ["out", ["in"]]],
    ["<h1>a<h2>b", ["a", "b"]],
    ["<!DOCTYPE><html><body><html><body>a", ["a"]],
    ["<script>a", []],
    ["<a href='x>a", []],
    ["a\0b", ["ab"]],
  ]) {
    assert.deepEqual(texts(page), expected, page);
  }
});

test("nothing is nested too deeply", () => {
  const deep = (open, times = 20_000) => open.repeat(times);
  for (const open of [
    "<div>",
    "<b>",
    "<ul><li>",
    "<table><tr><td>",
    "<p><font size=1>",
  ]) {
    assert.deepEqual(texts(`${deep(open)}the end`), ["the end"], open);
  }
  assert.deepEqual(texts(`${deep("<div>")}a<script>b</script>&amp;`), ["a\n&"]);
  for (const open of ["> ", "- ", "*", "[", "![", "<div>", "* a\n "]) {
    assert.ok(texts(`${deep(open, 2_000)}x`, "markdown").length > 0, open);
  }
});

test("a long text is cut where it was asked to be, and says so", () => {
  const { blocks, cut } = read("<p>abc<p>defg<p>h", "html", 5);
  assert.deepEqual(
    [blocks.map(({ text }) => text), cut],
    [["abc", "de"], true],
  );
  assert.deepEqual(texts("<p>ab😀", "html", 3), ["ab\uFFFD"]);
  assert.equal(read("<p>abc", "html", 3).cut, false);
});
