// What the model says next, in plain JavaScript: it makes the calls that the
// first message lists, one in each turn, and then says what the last one gave.

/** The answer to a conversation so far. */
export function answer({ messages, tools }) {
  const steps = stepsOf(messages.find(({ role }) => role === "user"));
  const results = messages
    .flatMap(({ content }) => content)
    .filter(({ tag }) => tag === "tool-result")
    .map(({ val }) => val);
  const last = results.at(-1);

  if (steps.length === 0) return end("nothing to do");
  if (last?.isError) return end(`Step ${results.length} failed: ${last.text}`);
  if (results.length >= steps.length) return end(last.text);

  const { name, inputJson } = steps[results.length];
  if (!tools.some((tool) => tool.name === name)) {
    return end(`I have no tool \`${name}\`.`);
  }
  const id = `step-${results.length + 1}`;
  return {
    content: [{ tag: "tool-use", val: { id, name, inputJson } }],
    stopReason: "tool-use",
  };
}

function end(text) {
  return { content: [{ tag: "text", val: text }], stopReason: "end-turn" };
}

/** The lines `TOOL {json object}` of a message. */
function stepsOf(message) {
  const texts = message?.content.filter(({ tag }) => tag === "text") ?? [];
  const lines = texts.flatMap(({ val }) => val.split("\n"));
  return lines.flatMap((line) => {
    const [, name, inputJson] = /^(\S+)\s+(\{.*)$/s.exec(line.trim()) ?? [];
    return isJson(inputJson) ? [{ name, inputJson }] : [];
  });
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
