// The strategy, as the host sees it: it reads the past and proposes what to
// change. What it proposes is decided in `strategy.js`, which knows nothing of
// Lucid and is tested with `npm test`.
import "./console.js";
import { emit, report } from "lucid:plugin/proposals@0.1.0";
import { entries, events, sessions } from "./past.js";
import { additions, callsIn, merges } from "./strategy.js";

export const dreamStrategy = {
  dream({ instructions, operationsMax }) {
    const past = sessions();
    const total = past.length;
    const calls = past.flatMap(({ id }, done) => {
      report({ phase: "reading sessions", done, total, sessionId: id });
      return callsIn(id, events(id));
    });
    const known = entries();
    const operations = [
      ...merges(known),
      ...additions(calls, known, instructions),
    ].slice(0, operationsMax);
    const accepted = operations.filter((operation, done) => {
      report({ phase: "proposing", done, total: operations.length });
      return propose(operation);
    });
    return {
      text: `Accepted: ${accepted.length} of ${operations.length} operations.`,
      sessionsRead: past.length,
      hypothesesTested: 0,
    };
  },
};

/** Whether the host accepts an operation. A dream goes on without the others. */
function propose(operation) {
  try {
    emit(operation);
    return true;
  } catch ({ payload }) {
    console.warn(`${operation.reason}: ${payload.tag}, ${payload.val}`);
    return false;
  }
}
