// What a dream may read. The host gives at most a page of it at once.
import { listEntries } from "lucid:plugin/memories@0.1.0";
import { listSessions, open } from "lucid:plugin/transcripts@0.1.0";

const PAGE = 1000;

/** The sessions, ordered by start. */
export const sessions = () => pages(listSessions);

/** The entries of the memory, ordered by path, then by place. */
export const entries = () => pages(listEntries);

/** The events of a session. Throws an error of dreams where there are none. */
export function events(sessionId) {
  try {
    using transcript = open(sessionId);
    return pages((from, limit) => transcript.read(from, limit));
  } catch ({ payload }) {
    throw { tag: "unreadable-input", val: `${sessionId}: ${payload.val}` };
  }
}

function pages(list) {
  const all = [];
  for (;;) {
    const page = list(all.length, PAGE);
    if (page.length === 0) return all;
    all.push(...page);
  }
}
