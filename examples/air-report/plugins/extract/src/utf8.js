/**
 * Decodes UTF-8; throws a `URIError` where the bytes are something else.
 *
 * QuickJS has no `TextDecoder`, but `%C3%A9` in a URI is UTF-8 as well, and is
 * read strictly.
 */
export function decodeUtf8(bytes) {
  let escaped = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    escaped += escape(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  }
  return decodeURIComponent(escaped);
}
