// Looks at every answer as it passes: whether it has the form that the SDK declares, and which
// routes were answered.

import { answerOf, problems } from './forms.js';
import { NEVER_DONE, routeOf, routes } from './routes.js';

export class Recorder {
  /** The methods of the SDK that were answered with success. */
  answered = new Set();
  /** What was asked that `routes.tsv` does not have. */
  unknown = new Set();
  #wrong = [];

  /** What was wrong with the answers since the last time this was asked. */
  takeWrong() {
    return this.#wrong.splice(0);
  }

  /** The routes that were never answered. */
  missing() {
    return routes.map(({ sdkMethod }) => sdkMethod).filter((name) => !this.answered.has(name));
  }

  /** A `fetch` for a client of the SDK. */
  fetch = (url, init) => this.#pass(url, init, true);

  /** The same, for answers that differ from what the SDK declares, as docs/api.md says. */
  fetchOfOtherForm = (url, init) => this.#pass(url, init, false);

  async #pass(url, init, isChecked) {
    const answer = await fetch(url, init);
    const { protocol, pathname } = new URL(url);
    // The SDK looks at what `fetch` can do with a `data:` of its own.
    if (protocol === 'data:') {
      return answer;
    }
    const method = (init?.method ?? 'GET').toUpperCase();
    const route = routeOf(method, pathname);
    if (route === undefined) {
      this.unknown.add(`${method} ${pathname}`);
      return answer;
    }
    if (answer.ok || route.sdkMethod === NEVER_DONE) {
      this.answered.add(route.sdkMethod);
    }
    if (!answer.ok) {
      this.#note(route, ofError(answer, await answer.clone().json()));
      return answer;
    }
    const { json, stream } = answerOf(route.sdkMethod);
    if (json && isChecked) {
      this.#note(route, problems(await answer.clone().json(), json));
    }
    return stream && isChecked ? this.#watched(answer, route, stream) : answer;
  }

  /** The same stream, each of whose events is looked at when it comes. */
  #watched(answer, route, type) {
    const decoder = new TextDecoder();
    let rest = '';
    const watch = new TransformStream({
      transform: (chunk, controller) => {
        controller.enqueue(chunk);
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop();
        for (const line of lines.filter((line) => line.startsWith('data:'))) {
          this.#note(route, problems(JSON.parse(line.slice('data:'.length)), type));
        }
      },
    });
    const { status, statusText, headers } = answer;
    return new Response(answer.body.pipeThrough(watch), { status, statusText, headers });
  }

  #note(route, found) {
    this.#wrong.push(...found.map((problem) => `${route.sdkMethod}: ${problem}`));
  }
}

/** What is wrong with the body of an answer that is an error. */
function ofError(answer, body) {
  const { status, headers } = answer;
  const found = [];
  const requestId = headers.get('request-id');
  if (body.type !== 'error' || !body.error?.type || !body.error?.message) {
    found.push(`the ${status} is no error: ${JSON.stringify(body)}`);
  }
  if (!/^req_/.test(requestId) || body.request_id !== requestId) {
    found.push(`the ${status} has the request ids ${body.request_id} and ${requestId}`);
  }
  return found;
}
