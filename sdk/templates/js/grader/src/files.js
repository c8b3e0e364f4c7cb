// Files, as the agent sees them. There is no `node:fs` here: the host opens
// some folders, and what is in them is opened from there.
import { getDirectories } from "wasi:filesystem/preopens@0.2.12";
import { decodeUtf8 } from "./utf8.js";

/** Reads a text file. Throws a tool's error: not-found, denied or failed. */
export function readText(path) {
  const bytes = withFile(path, readAll);
  try {
    return decodeUtf8(bytes);
  } catch {
    throw { tag: "failed", val: `${path} is not UTF-8` };
  }
}

/** Whether a path leads to a file, and not to a folder or nowhere. */
export function isFile(path) {
  try {
    return withFile(path, () => true);
  } catch (error) {
    if (error.tag === "not-found") return false;
    throw error;
  }
}

/** Opens a file, gives it to `use`, and closes it. */
function withFile(path, use) {
  // What is opened counts until it is closed, and a call may have 256 open.
  using opened = new DisposableStack();
  const folders = getDirectories()
    .map(([folder, name]) => [opened.use(folder), name.replace(/\/*$/, "/")])
    .filter(([, name]) => path.startsWith(name))
    .sort(([, a], [, b]) => b.length - a.length);
  if (folders.length === 0) throw { tag: "not-found", val: path };
  const [folder, name] = folders[0];
  const inside = path.slice(name.length).replace(/^\/+/, "");
  try {
    const file = opened.use(
      folder.openAt({ symlinkFollow: true }, inside, {}, { read: true }),
    );
    if (file.getType() !== "directory") return use(file);
  } catch (error) {
    throw toolError(path, error);
  }
  throw { tag: "not-found", val: path };
}

function readAll(file) {
  const bytes = new Uint8Array(file.stat().size);
  let length = 0;
  while (length < bytes.length) {
    const [chunk] = file.read(bytes.length - length, length);
    if (chunk.length === 0) break; // Somebody has cut it short meanwhile.
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
}

/** What WASI threw, in a tool's words. */
function toolError(path, error) {
  switch (error.payload) {
    case "no-entry":
    case "not-directory":
      return { tag: "not-found", val: path };
    case "access":
    case "not-permitted":
      return { tag: "denied", val: path };
    default:
      return { tag: "failed", val: `${path}: ${error.message}` };
  }
}
