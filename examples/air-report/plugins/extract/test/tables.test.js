import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDocument } from "../src/document.js";
import { extractTables } from "../src/tables.js";

const read = (text, format = "html") =>
  extractTables(parseDocument(text, format));
const rows = (...input) => read(...input).tables.map((table) => table.rows);

test("a table has its caption, the heading above it, columns and rows", () => {
  const page = `<title>T</title><h1>One</h1><table><caption>All &amp; sundry</caption>
    <tr><th>a<th>b<tr><td>1<td>2</table><h2>Two</h2><table><tr><td>3</table>`;
  assert.deepEqual(read(page), {
    title: "T",
    tables: [
      {
        caption: "All & sundry",
        heading: "One",
        columns: ["a", "b"],
        rows: [["1", "2"]],
      },
      { caption: null, heading: "Two", columns: [], rows: [["3"]] },
    ],
    hidden: 0,
    cut: false,
  });
});

test("tables of Markdown have columns", () => {
  const { title, tables } = read(
    "# N\n\n| a | b |\n|---|---|\n| 1 | `2` |\n| 3 |\n",
    "markdown",
  );
  assert.equal(title, "N");
  assert.deepEqual(tables, [
    {
      caption: null,
      heading: "N",
      columns: ["a", "b"],
      rows: [
        ["1", "2"],
        ["3", ""],
      ],
    },
  ]);
});

test("what spans columns or rows stands in each of them", () => {
  const page = `<table><tr><th colspan=2>ab<th>c<tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5
    <tr><td rowspan=0>6<td colspan=nonsense>7</table>`;
  assert.deepEqual(rows(page), [
    [
      ["1", "2", "3"],
      ["1", "4", "5"],
      ["6", "7", ""],
    ],
  ]);
  assert.deepEqual(read(page).tables[0].columns, ["ab", "ab", "c"]);
});

test("hidden rows and cells are left out and counted once", () => {
  const page = `<table><tr><th>a<th>b<tr hidden><td>1<td>2
    <tr><td>3<td style="display:none">no<td>4<tr><td>5 <i hidden>no</i><td>6</table>`;
  assert.deepEqual(rows(page), [
    [
      ["3", "4"],
      ["5", "6"],
    ],
  ]);
  assert.equal(read(page).hidden, 3);
});

test("a table inside another is one of its own", () => {
  const page = "<table><tr><td>a<table><tr><td>b</table>c<td>d</table>";
  assert.deepEqual(rows(page), [[["ac", "d"]], [["b"]]]);
});

test("a table that would be huge is left out, and the answer says so", () => {
  const wide = "<td colspan=1000 rowspan=1000>x";
  const huge = `<table>${`<tr>${wide.repeat(5)}`.repeat(100)}</table>`;
  assert.deepEqual(read(`<table><tr><td>a</table>${huge}`).cut, true);
  assert.deepEqual(rows(`<table><tr><td>a</table>${huge}`), [[["a"]]]);
});

test("a table without cells, or broken, is no reason to stop", () => {
  for (const [page, expected] of [
    ["<table>", [[]]],
    ["<table><tr></table>", [[[]]]],
    ["<tr><td>a", []],
    ["<table><td>a<table><td>b", [[["a"]], [["b"]]]],
    ["<table><thead><tr><td>h<tbody><tr><td>1", [[["1"]]]],
  ]) {
    assert.deepEqual(rows(page), expected, page);
  }
});
