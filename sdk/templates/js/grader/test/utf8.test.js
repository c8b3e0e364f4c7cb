import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeUtf8 } from "../src/utf8.js";

test("every text is decoded as it was written", () => {
  const long = "100 % é € 𝕏 %41 \u0000\uFFFF".repeat(1000);
  for (const text of ["", "plain", "\uFEFFmarked", long]) {
    assert.equal(decodeUtf8(new TextEncoder().encode(text)), text);
  }
});

test("what is not UTF-8 is refused", () => {
  const wrong = [
    [0x80], // No first byte.
    [0x41, 0xc3], // Cut short.
    [0xc0, 0xaf], // Longer than needed.
    [0xed, 0xa0, 0x80], // Half of a pair.
    [0xf4, 0x90, 0x80, 0x80], // Beyond the last character.
  ];
  for (const bytes of wrong) {
    assert.throws(() => decodeUtf8(new Uint8Array(bytes)), URIError);
  }
});
