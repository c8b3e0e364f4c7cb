import assert from "node:assert/strict";
import { test } from "node:test";
import { answer } from "../src/steps.js";

const TOOLS = [{ name: "outline" }, { name: "read_file" }];

const user = (...content) => ({ role: "user", content });
const text = (val) => ({ tag: "text", val });
const result = (text, isError = false) =>
  user({ tag: "tool-result", val: { toolUseId: "x", text, isError } });

const ORDER = user(
  text('Please:\n  outline {"path":"/a.md"}\r\nread_file {}\nthen {stop}\nok'),
);

const next = (...messages) => answer({ messages, tools: TOOLS });

test("one call is made in each turn, in order", () => {
  assert.deepEqual(next(ORDER), {
    content: [
      {
        tag: "tool-use",
        val: { id: "step-1", name: "outline", inputJson: '{"path":"/a.md"}' },
      },
    ],
    stopReason: "tool-use",
  });
  const { val } = next(ORDER, result("one")).content[0];
  assert.deepEqual(val, { id: "step-2", name: "read_file", inputJson: "{}" });
});

test("it ends with the text of the last result", () => {
  assert.deepEqual(next(ORDER, result("one"), result("two")), {
    content: [text("two")],
    stopReason: "end-turn",
  });
});

test("it stops at a call that failed, and says so", () => {
  assert.deepEqual(next(ORDER, result("not found: /a.md", true)), {
    content: [text("Step 1 failed: not found: /a.md")],
    stopReason: "end-turn",
  });
});

test("it says that a tool is not on offer", () => {
  const { content } = next(user(text("fly {}")));
  assert.deepEqual(content, [text("I have no tool `fly`.")]);
});

test("without steps there is nothing to do", () => {
  const image = { tag: "image", val: { mediaType: "image/png", data: [] } };
  for (const messages of [
    [],
    [user()],
    [user(image)],
    [user(text("outline [1]\noutline {oops}"))],
    [{ role: "assistant", content: [text("outline {}")] }],
  ]) {
    assert.deepEqual(next(...messages).content, [text("nothing to do")]);
  }
});
