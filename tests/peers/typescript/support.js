// What many tests need: agents that play a script, sessions that are waited for.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { toFile } from '@anthropic-ai/sdk';

// How long anything may take that has no model behind it.
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 50;
const DREAMS_MAX = 20;

export const ABSENT = '01NobodyHasThisIdAtA11';
export const FILES = { type: 'agent_toolset_20260401' };

/** The tools for files, with one permission for all. */
export const toolset = (type) => ({
  ...FILES,
  default_config: { enabled: true, permission_policy: { type } },
});

/** A tool of the client's own. */
export const custom = (name, properties = {}) => ({
  type: 'custom',
  name,
  description: `The tool ${name}.`,
  input_schema: { type: 'object', properties, required: Object.keys(properties) },
});

/** A message of a person. */
export const said = (text) => ({ type: 'user.message', content: [{ type: 'text', text }] });

/** A name that nothing else has. */
export const unique = (name) => `${name} ${randomUUID().slice(0, 8)}`;

/** The text of an event's content. */
export const words = (event) =>
  (event.content ?? []).flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');

/** Looks until there is something. */
export async function until(look, what = 'it') {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const found = await look();
    if (found) {
      return found;
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`${what} did not come within ${PATIENCE_MS / 1_000} s`);
}

/** Fails when something takes longer than anything here may. */
export async function inTime(promise, what) {
  const aborted = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: aborted.signal, ref: false }).then(() => {
    throw new Error(`${what} was not over within ${PATIENCE_MS / 1_000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    aborted.abort();
  }
}

/** Checks that a call fails with an error of this class; gives it. */
export async function refused(Kind, call) {
  const error = await call().then(
    () => assert.fail(`this was not refused: ${call}`),
    (error) => error,
  );
  assert.ok(error instanceof Kind, `${error.stack}\nwas to be a ${Kind.name}: ${call}`);
  assert.match(error.requestID, /^req_/);
  assert.equal(error.requestID, error.error.request_id);
  assert.equal(error.type, error.error.error.type);
  return error;
}

/** Everything in a list, page after page. */
export async function all(list) {
  const things = [];
  for await (const thing of list) {
    things.push(thing);
  }
  return things;
}

/** The events of a stream up to the next rest; each is looked at when it comes. */
export async function untilIdle(stream, look = () => {}) {
  const events = [];
  for await (const event of stream) {
    events.push(event);
    look(event);
    if (event.type === 'session.status_idle') {
      break;
    }
  }
  return events;
}

/** The ids of everything in a list. */
export const ids = async (list) => (await all(list)).map(({ id }) => id);

/** Reads a list page by page, checking that it is the list; gives its things. */
export async function paged(list, limit = 2) {
  const [things, whole] = [[], await all(list({}))];
  let pages = 0;
  for await (const page of (await list({ limit })).iterPages()) {
    assert.ok(page.data.length <= limit);
    things.push(...page.data);
    pages += 1;
  }
  const keys = (each) => each.map(({ id, version, path }) => `${id} ${version} ${path}`);
  assert.deepEqual(keys(things), keys(whole));
  assert.equal(new Set(keys(things)).size, things.length);
  assert.equal(pages, Math.max(1, Math.ceil(things.length / limit)));
  return things;
}

/** An HTTP server on this machine for as long as a test runs; gives its address. */
export async function listen(context, answer) {
  const server = createServer(answer);
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** The events of these types. */
export const ofType = (events, ...types) => events.filter(({ type }) => types.includes(type));

/** The one event of a type. */
export function one(events, type) {
  const found = ofType(events, type);
  assert.equal(found.length, 1, events.map((event) => event.type).join(' '));
  return found[0];
}

/** Why the session is idle, lastly. */
export const stopReason = (events) => ofType(events, 'session.status_idle').at(-1).stop_reason;

/** What the agent said last. */
export const lastWords = (events) => words(ofType(events, 'agent.message').at(-1));

/** Makes what a test needs, and waits for what a session does. */
export class Lab {
  constructor(beta) {
    this.beta = beta;
  }

  /** An agent that plays a script, one answer a line; without one it says what it hears. */
  agent(script = [], fields = {}) {
    const plays = { model: 'plugin:script', system: script.join('\n') };
    const model = script.length > 0 ? plays : { model: 'plugin:echo' };
    return this.beta.agents.create({ name: unique('agent'), ...model, ...fields });
  }

  environment(type = 'cloud') {
    return this.beta.environments.create({ name: unique('environment'), config: { type } });
  }

  /** A session; of an agent that says what it hears, where none is given. */
  async session(agent, environment, fields = {}) {
    const mine = agent ?? (await this.agent());
    const here = environment ?? (await this.environment());
    return this.beta.sessions.create({ agent: mine.id, environment_id: here.id, ...fields });
  }

  store(fields = {}) {
    return this.beta.memoryStores.create({ name: unique('store'), ...fields });
  }

  /** An uploaded file. */
  async file(name = 'notes.txt', content = 'Some notes.\n') {
    const file = await toFile(Buffer.from(content), name, { type: 'text/plain' });
    return this.beta.files.upload({ file });
  }

  /** Sends events, and gives them as they were stored. */
  async send(session, ...events) {
    const { data } = await this.beta.sessions.events.send(session.id, { events });
    assert.deepEqual(data.map(({ type }) => type), events.map(({ type }) => type));
    return data;
  }

  /** Says something, waits until the session rests, and gives what happened since. */
  async tell(session, text) {
    const [event] = await this.send(session, said(text));
    return this.rest(session, event.id);
  }

  /** The events of a session, or those that came after one. */
  async events(session, after) {
    const events = await all(this.beta.sessions.events.list(session.id));
    if (after === undefined) {
      return events;
    }
    const at = events.findIndex(({ id }) => id === after);
    return at < 0 ? [] : events.slice(at + 1);
  }

  /** Waits until a session is idle after an event; gives the events since. */
  rest(session, after) {
    return until(async () => {
      const events = await this.events(session, after);
      const last = events.findLast(({ type }) => type.startsWith('session.status_'));
      return last?.type === 'session.status_idle' ? events : null;
    }, 'an idle session');
  }

  /** Starts a dream that needs no model. */
  dream(store, session, fields = {}) {
    const inputs = [
      { type: 'memory_store', memory_store_id: store.id },
      { type: 'sessions', session_ids: [session.id] },
    ];
    return this.beta.dreams.create({ inputs, model: 'strategy:consolidate', ...fields });
  }

  /** Waits until a dream is over. */
  ended(dream) {
    return until(async () => {
      const now = await this.beta.dreams.retrieve(dream.id);
      return now.ended_at ? now : null;
    }, 'the end of the dream');
  }

  /** Starts dreams until one is canceled before it is over; gives it. */
  async canceled(start) {
    for (let tries = 0; tries < DREAMS_MAX; tries += 1) {
      const dream = await start();
      let canceled;
      try {
        canceled = await this.beta.dreams.cancel(dream.id);
      } catch (error) {
        assert.equal(error.status, 400);
        assert.match((await this.beta.dreams.retrieve(dream.id)).status, /^(completed|failed)$/);
        continue;
      }
      // One that did not look for long was shown as it is, and ends when it does.
      const over = canceled.status === 'running' ? await this.ended(dream) : canceled;
      if (over.status === 'canceled') {
        return over;
      }
      assert.match(over.status, /^(completed|failed)$/);
    }
    throw new Error('every dream was over before it could be canceled');
  }
}
