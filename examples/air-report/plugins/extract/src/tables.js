// The tables of a document.
import { attribute, children, isText } from "./visible.js";
import { lineOf } from "./text.js";

/** The most cells of one answer; what spans columns and rows counts for each. */
const CELLS_MAX = 50_000;
const SPAN_MAX = 1_000;

/** The title and the tables, and how much is hidden. */
export function extractTables(document) {
  const found = { title: null, tables: [], hidden: 0, cut: false };
  const state = { heading: null, cells: 0 };
  const skip = () => {
    found.hidden += 1;
  };
  walk(document);
  found.title ??= state.first ?? null;
  return found;

  function walk(element) {
    for (const child of children(element, skip)) {
      if (isText(child)) continue;
      const name = child.nodeName;
      if (name === "title") found.title ??= lineOf(child).trim() || null;
      if (/^h[1-6]$/.test(name)) {
        state.heading = lineOf(child).trim();
        state.first ??= state.heading;
      }
      if (name === "table" && !found.cut) {
        const table = read(child, state);
        found.cut = table === null;
        if (table !== null) found.tables.push(table);
      }
      walk(child); // There may be tables in the cells.
    }
  }
}

// What is hidden is counted by the walk.
function read(table, state) {
  const { rows, caption } = rowsOf(table);
  const grid = [];
  const headers = [];
  for (const { element, inHead } of rows) {
    const line = (grid[headers.length] ??= []);
    const cells = [...children(element)].filter(isCell);
    let at = 0;
    for (const cell of cells) {
      while (line[at] !== undefined) at += 1; // Taken from a row above.
      const text = lineOf(cell).trim();
      const wide = span(cell, "colspan", SPAN_MAX);
      const high = span(cell, "rowspan", rows.length - headers.length);
      state.cells += wide * high;
      if (state.cells > CELLS_MAX) return null;
      for (let down = 0; down < high; down += 1) {
        const below = (grid[headers.length + down] ??= []);
        for (let right = 0; right < wide; right += 1) below[at + right] = text;
      }
      at += wide;
    }
    const named =
      cells.length > 0 && cells.every((cell) => cell.nodeName === "th");
    headers.push(inHead || named);
  }
  const width = Math.max(0, ...grid.map((line) => line.length));
  const filled = grid.map((line) =>
    Array.from({ length: width }, (_, at) => line[at] ?? ""),
  );
  const columns = headers[0] ? filled.shift() : [];
  return { caption, heading: state.heading, columns, rows: filled };
}

/** The rows of a table, those of tables inside it left out, and its caption. */
function rowsOf(table) {
  const rows = [];
  let caption = null;
  const collect = (element, inHead) => {
    for (const child of children(element)) {
      if (isText(child)) continue;
      const name = child.nodeName;
      if (name === "caption") caption ??= lineOf(child).trim();
      else if (name === "tr") rows.push({ element: child, inHead });
      else if (/^t(head|body|foot)$/.test(name))
        collect(child, name === "thead");
    }
  };
  collect(table, false);
  return { rows, caption };
}

const isCell = (node) => node.nodeName === "td" || node.nodeName === "th";

function span(cell, name, most) {
  const number = Number.parseInt(attribute(cell, name) ?? "1", 10);
  // A rowspan of 0 goes down to the end.
  if (name === "rowspan" && number === 0) return Math.max(most, 1);
  return Number.isNaN(number)
    ? 1
    : Math.min(Math.max(number, 1), Math.max(most, 1));
}
