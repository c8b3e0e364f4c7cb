// What a turn costs, estimated: a token is about four bytes.

/** The usage of an answer: what was read, and what was written. */
export function usage({ system, messages }, answer) {
  const read = [{ tag: "text", val: system }];
  for (const { content } of messages) read.push(...content);
  return { inputTokens: tokens(read), outputTokens: tokens(answer) };
}

function tokens(blocks) {
  const bytes = blocks.reduce((sum, block) => sum + sizeOf(block), 0);
  return Math.floor(bytes / 4);
}

function sizeOf({ tag, val }) {
  switch (tag) {
    case "tool-use":
      return utf8Length(val.name) + utf8Length(val.inputJson);
    case "tool-result":
      return utf8Length(val.text);
    case "image":
      return val.data.length;
    default:
      return utf8Length(val);
  }
}

function utf8Length(text) {
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0);
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return length;
}
