// Bytes to text, as a browser does it: UTF-8, and where it is none,
// windows-1252, which is what old pages without a declaration are in.
import { decodeUtf8 } from "./utf8.js";

/** What windows-1252 has from 0x80 to 0x9F; all else is as in Unicode. */
const SPECIAL = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

/** The text, and which encoding it was in. Every file is a text. */
export function decode(bytes) {
  try {
    const text = decodeUtf8(bytes).replace(/^\uFEFF/, "");
    return { text, encoding: "utf-8" };
  } catch {
    let text = "";
    for (const byte of bytes) {
      const special = byte >= 0x80 && byte <= 0x9f;
      text += special ? SPECIAL[byte - 0x80] : String.fromCharCode(byte);
    }
    return { text, encoding: "windows-1252" };
  }
}
