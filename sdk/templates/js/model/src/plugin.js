// The model, as the host sees it. What it answers is decided in `steps.js`,
// which knows nothing of Lucid and is tested with `npm test`.
import "./console.js";
import { answer } from "./steps.js";
import { usage } from "./tokens.js";

export const model = {
  complete(request) {
    const { content, stopReason } = answer(request);
    console.debug(`answers with ${content[0].tag}`);
    return { content, stopReason, usage: usage(request, content) };
  },
};
