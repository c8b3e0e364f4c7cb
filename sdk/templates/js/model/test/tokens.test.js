import assert from "node:assert/strict";
import { test } from "node:test";
import { usage } from "../src/tokens.js";

test("tokens are a quarter of the bytes", () => {
  const call = { id: "1", name: "look", inputJson: "{}" };
  const given = { toolUseId: "1", text: "€", isError: false };
  const image = { mediaType: "image/png", data: new Uint8Array(10) };
  const messages = [
    { role: "user", content: [{ tag: "text", val: "aé𝕏" }] }, // 7 bytes
    { role: "assistant", content: [{ tag: "tool-use", val: call }] }, // 6
    { role: "user", content: [{ tag: "tool-result", val: given }] }, // 3
    { role: "user", content: [{ tag: "image", val: image }] }, // 10
  ];
  assert.deepEqual(
    usage({ system: "he", messages }, [{ tag: "text", val: "12345" }]),
    { inputTokens: 7, outputTokens: 1 },
  );
});
