import assert from "node:assert/strict";
import { test } from "node:test";
import { additions, callsIn, merges } from "../src/strategy.js";

const entry = (id, text, kind = "item") => ({ id, text, kind });

/** A session in which calls of `tool` failed with these texts. */
function session(id, tool, ...texts) {
  const events = texts.flatMap((text, index) => {
    const body = { tool_use_id: `use${index}`, is_error: true };
    const content = [{ type: "text", text }];
    return [
      event(`use${index}`, "agent.tool_use", { name: tool }),
      event(`result${index}`, "agent.tool_result", { ...body, content }),
    ];
  });
  return callsIn(id, events);
}

function event(id, kind, body) {
  return { id, kind, bodyJson: JSON.stringify({ id, type: kind, ...body }) };
}

test("entries that say the same become the first of them", () => {
  const operations = merges([
    entry("a", "# Doors", "heading"),
    entry("b", "- The door  opens\n  left. "),
    entry("c", "# doors", "heading"),
    entry("d", "- the DOOR opens left."),
    entry("e", "- The door opens right."),
  ]);
  assert.deepEqual(
    operations.map(({ change }) => change),
    [{ tag: "merge", val: { entryIds: ["b", "d"], survivorId: "b" } }],
  );
});

test("a failure is quoted as it stands in its event", () => {
  assert.deepEqual(session("s1", "move", 'no "place"\nat all'), [
    {
      tool: "move",
      error: 'no "place"',
      evidence: {
        sessionId: "s1",
        eventId: "result0",
        quote: 'no \\"place\\"',
      },
    },
  ]);
  const long = `${"é".repeat(300)}`;
  assert.equal(session("s1", "move", long)[0].error, "é".repeat(200));
});

test("a call that went well has no error, and a stray result is no call", () => {
  const content = [{ type: "text", text: "fine" }];
  const use = event("use", "agent.tool_use", { name: "move" });
  const result = (body) =>
    event("result", "agent.tool_result", { tool_use_id: "use", ...body });
  const errors = (...events) => callsIn("s1", events).map(({ error }) => error);
  assert.deepEqual(errors(use, result({ is_error: false, content })), [""]);
  assert.deepEqual(errors(use, result({ content })), [""]);
  assert.deepEqual(errors(use, result({ is_error: true })), [""]);
  assert.deepEqual(errors(result({ is_error: true, content })), []);
});

test("what three sessions have in common is noted, with a quote of each", () => {
  const calls = [
    ...session("s1", "move", "stuck", "stuck"),
    ...session("s2", "move", "stuck", "lost"),
    ...session("s3", "move", "stuck\nin the door", "lost"),
    ...session("s4", "lift", "stuck"),
  ];
  const [{ change, evidence }, ...others] = additions(calls, [], "");
  assert.deepEqual(others, []);
  const text = "- Tool `move` failed in 3 sessions with: stuck";
  assert.deepEqual(change, {
    tag: "add",
    val: { draft: { path: "/playbook.md", text }, kind: "failure-fix" },
  });
  assert.deepEqual(
    evidence.map(({ sessionId, quote }) => [sessionId, quote]),
    [
      ["s1", "stuck"],
      ["s2", "stuck"],
      ["s3", "stuck"],
    ],
  );
  assert.deepEqual(additions(calls, [entry("a", text)], ""), []);
});

test("at most ten sessions are quoted", () => {
  const ids = Array.from({ length: 12 }, (_, index) => `s${index}`);
  const calls = ids.flatMap((id) => session(id, "move", "stuck"));
  const [{ change, evidence }] = additions(calls, [], "");
  assert.match(change.val.draft.text, /in 12 sessions/);
  assert.equal(evidence.length, 10);
});

test("instructions that name a tool leave the others out", () => {
  const calls = ["s1", "s2", "s3"].flatMap((id) => [
    ...session(id, "move", "stuck"),
    ...session(id, "lift", "heavy"),
    { tool: "turn", error: "", evidence: { sessionId: id } },
  ]);
  const tools = (instructions) =>
    additions(calls, [], instructions).map(
      ({ change }) => change.val.draft.text.split("`")[1],
    );
  assert.deepEqual(tools(""), ["lift", "move"]);
  assert.deepEqual(tools("Look at move first."), ["move"]);
  assert.deepEqual(tools("Look at turn first."), []);
  assert.deepEqual(tools("Keep what is useful."), ["lift", "move"]);
});
