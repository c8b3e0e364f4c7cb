// Keys, limits and retries: which error an answer is, and what the SDK does about it.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { AuthenticationError, ContentTooLargeError, NotFoundError } from '@anthropic-ai/sdk';
import { APIConnectionTimeoutError, PermissionDeniedError } from '@anthropic-ai/sdk';

import { beta, makeClient, recorder, test } from '../harness.js';
import { Server, makeKey, temporary } from '../server.js';
import { ABSENT, Lab, all, ids, refused, said } from '../support.js';

const folder = temporary();
const first = makeKey(folder, '--name', 'first');
const guarded = await Server.start(folder);
after(async () => assert.equal(await guarded.stop(), 0, guarded.said()));

const withKey = (authToken, options = {}) =>
  makeClient({ baseURL: guarded.url, apiKey: null, authToken, ...options }).beta;

test('without a right key nothing is answered', async () => {
  assert.deepEqual(await all(withKey(first).agents.list()), []);
  const apiKey = makeClient({ baseURL: guarded.url, apiKey: first }).beta;
  assert.deepEqual(await all(apiKey.agents.list()), []);
  for (const wrong of ['x', 'lucid_nobody']) {
    const error = await refused(AuthenticationError, () => withKey(wrong).agents.list());
    assert.deepEqual([error.status, error.type], [401, 'authentication_error']);
  }
});

test('a key sees its own workspace alone', async () => {
  const [mine, other] = [withKey(first), withKey(makeKey(folder, '--workspace', 'other'))];
  const agent = await new Lab(mine).agent();
  assert.deepEqual(await ids(other.agents.list()), []);
  await refused(NotFoundError, () => other.agents.retrieve(agent.id));
  await mine.agents.archive(agent.id);
});

test('the key of an environment is for its queue alone', async () => {
  const owner = withKey(first);
  const environment = await new Lab(owner).environment('self_hosted');
  const worker = withKey(makeKey(folder, '--environment', environment.id));
  assert.equal(await worker.environments.work.poll(environment.id, { block_ms: 1 }), null);
  await refused(PermissionDeniedError, () => worker.agents.list());
});

test('a message that is too large is a ContentTooLargeError', async () => {
  const session = await new Lab(beta).session();
  const events = [said('x'.repeat(33 * 1024 * 1024))];
  const error = await refused(ContentTooLargeError, () =>
    beta.sessions.events.send(session.id, { events }),
  );
  assert.deepEqual([error.status, error.type], [413, 'request_too_large']);
});

test('what is busy is asked again, and what is refused is not', async () => {
  const asked = [];
  const flaky = (url, init) => {
    asked.push(new URL(url).pathname);
    const busy = new Response('{}', { status: 529, headers: { 'retry-after-ms': '1' } });
    return asked.length === 1 ? Promise.resolve(busy) : recorder.fetch(url, init);
  };
  const patient = makeClient({ fetch: flaky, maxRetries: 2 }).beta;
  const agent = await new Lab(patient).agent();
  assert.deepEqual(asked.splice(0, 2), ['/v1/agents', '/v1/agents']);
  await patient.agents.update(agent.id, { version: 1, name: 'Changed' });
  asked.length = 1;
  await assert.rejects(patient.agents.update(agent.id, { version: 1, name: 'Again' }));
  await refused(NotFoundError, () => patient.agents.retrieve(`agent_${ABSENT}`));
  assert.equal(asked.length, 3);
});

test('a call that takes too long for its client is given up', async () => {
  const environment = await new Lab(beta).environment('self_hosted');
  // However long the client is held up itself, it hears no answer before it gives up.
  const deaf = (url, init) =>
    new Promise((_, reject) => {
      init.signal.addEventListener('abort', () => reject(init.signal.reason));
      recorder.fetch(url, init).catch(reject);
    });
  const { work } = makeClient({ fetch: deaf }).beta.environments;
  const poll = work.poll(environment.id, { block_ms: 999 }, { timeout: 50 });
  await assert.rejects(poll, APIConnectionTimeoutError);
  assert.equal((await beta.environments.work.stats(environment.id)).depth, 0);
});
