// What a dream proposes, in plain JavaScript.

const SESSIONS_MIN = 3;
const QUOTES_MAX = 10;

/** Merges entries that say the same in the same words. The first one stays. */
export function merges(entries) {
  const texts = entries.filter(({ kind }) => kind !== "heading");
  return [...groupBy(texts, ({ text }) => normal(text)).values()]
    .filter((group) => group.length > 1)
    .map((group) => {
      const entryIds = group.map(({ id }) => id);
      return {
        change: { tag: "merge", val: { entryIds, survivorId: entryIds[0] } },
        reason: `${entryIds.length} entries say the same`,
        evidence: [],
      };
    });
}

/** Lists the tool calls of a session: `error` is empty where one succeeded. */
export function callsIn(sessionId, events) {
  const tools = new Map(); // By the id of the event of the call.
  const calls = [];
  for (const { id, kind, bodyJson } of events) {
    if (kind === "agent.tool_use") {
      tools.set(id, JSON.parse(bodyJson).name);
    } else if (kind === "agent.tool_result") {
      const { is_error, tool_use_id, content = [] } = JSON.parse(bodyJson);
      const tool = tools.get(tool_use_id);
      const error = is_error ? firstLine(content) : "";
      // The host looks the quote up in the event, where it stands as JSON.
      const quote = JSON.stringify(error).slice(1, -1);
      const evidence = { sessionId, eventId: id, quote };
      if (tool) calls.push({ tool, error, evidence });
    }
  }
  return calls;
}

/** Adds an entry for each failure that enough sessions have in common. */
export function additions(calls, entries, instructions) {
  const known = new Set(entries.map(({ text }) => normal(text)));
  const named = calls.filter(({ tool }) => instructions.includes(tool));
  const wanted = named.length > 0 ? named : calls;
  const failed = wanted.filter(({ error }) => error !== "");
  return [...groupBy(failed, ({ tool, error }) => `${tool} ${error}`)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, failures]) => addition(failures))
    .filter(({ sessions }) => sessions >= SESSIONS_MIN)
    .filter(({ text }) => !known.has(normal(text)))
    .map(({ operation }) => operation);
}

function addition(failures) {
  const quotes = new Map(); // One of each session.
  for (const { evidence } of failures) quotes.set(evidence.sessionId, evidence);
  const sessions = quotes.size;
  const [{ tool, error }] = failures;
  const plain = error.replace(/[\p{Cc}\uFEFF]/gu, " ");
  const text = `- Tool \`${tool}\` failed in ${sessions} sessions with: ${plain}`;
  const draft = { path: "/playbook.md", text };
  return {
    sessions,
    text,
    operation: {
      change: { tag: "add", val: { draft, kind: "failure-fix" } },
      reason: `${sessions} sessions met the same failure`,
      evidence: [...quotes.values()].slice(0, QUOTES_MAX),
    },
  };
}

/** The first line of a tool's result, at most 200 characters of it. */
function firstLine(content) {
  const texts = content.filter(({ type }) => type === "text");
  const text = texts.map((block) => block.text).join("\n");
  return text
    .trim()
    .match(/^[^\n]{0,200}/u)[0]
    .trim();
}

/** A text without what makes no difference: case, line breaks, indents. */
function normal(text) {
  return text.trim().toLowerCase().split(/\s+/).join(" ");
}

/** A map from each key to its items, in the order they came. */
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}
