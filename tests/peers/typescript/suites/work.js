// beta.environments.work: the queue of a self-hosted environment.

import assert from 'node:assert/strict';
import { ConflictError, NotFoundError, PermissionDeniedError } from '@anthropic-ai/sdk';
import {
  BetaHeartbeatPreconditionFailedError,
} from '@anthropic-ai/sdk/resources/beta/environments/work';

import { beta, makeClient, test } from '../harness.js';
import { ABSENT, FILES, Lab, all, paged, refused } from '../support.js';

const lab = new Lab(beta);
const { work } = beta.environments;

/** A self-hosted environment, and sessions that wait for a worker of it. */
async function hosted(count = 1) {
  const script = ['call bash {"command": "echo hi"}', 'say {result}'];
  const agent = await lab.agent(script, { tools: [FILES] });
  const environment = await lab.environment('self_hosted');
  const sessions = [];
  for (let made = 0; made < count; made += 1) {
    sessions.push(await lab.session(agent, environment));
    await lab.tell(sessions.at(-1), 'Go.');
  }
  return { environment, sessions, where: { environment_id: environment.id } };
}

test('an item goes from the queue to its end', async () => {
  const { environment, sessions, where } = await hosted();
  const item = await work.poll(environment.id, { block_ms: 500, 'Anthropic-Worker-ID': 'one' });
  assert.deepEqual([item.state, item.data.id], ['queued', sessions[0].id]);
  assert.ok(item.secret);
  // What a worker polled is its own for as long as the test may take.
  const kept = { block_ms: 1, reclaim_older_than_ms: 3_600_000 };
  assert.equal(await work.poll(environment.id, kept), null);
  const taken = await work.ack(item.id, where);
  assert.deepEqual([taken.state, taken.secret], ['starting', null]);
  const began = { desired_ttl_seconds: 60, expected_last_heartbeat: 'NO_HEARTBEAT', ...where };
  const first = await work.heartbeat(item.id, began);
  assert.deepEqual([first.state, first.lease_extended, first.ttl_seconds], ['active', true, 60]);
  const expected = { expected_last_heartbeat: first.last_heartbeat, ...where };
  assert.equal((await work.heartbeat(item.id, expected)).lease_extended, true);
  assert.equal((await work.retrieve(item.id, where)).state, 'active');
  assert.equal((await work.stop(item.id, where)).state, 'stopping');
  assert.equal((await work.stop(item.id, { force: true, ...where })).state, 'stopped');
  const again = () => work.stop(item.id, { force: true, ...where });
  assert.equal((await refused(ConflictError, again)).headers.get('x-should-retry'), 'false');
});

test('a lease is of one worker', async () => {
  const { environment, where } = await hosted();
  const item = await work.poll(environment.id);
  await work.ack(item.id, where);
  const first = { expected_last_heartbeat: 'NO_HEARTBEAT', ...where };
  const beat = await work.heartbeat(item.id, first);
  const second = () => work.heartbeat(item.id, first);
  const error = await refused(BetaHeartbeatPreconditionFailedError, second);
  assert.deepEqual([error.status, error.errorCode], [412, 'heartbeat_precondition_failed']);
  assert.equal(error.details.current_state.last_heartbeat, beat.last_heartbeat);
});

test('items have metadata, are counted and come in pages', async () => {
  const { environment, sessions, where } = await hosted(3);
  assert.equal((await work.stats(environment.id)).depth, 3);
  const items = await paged((page) => work.list(environment.id, page));
  const listed = items.map(({ data }) => data.id).sort();
  assert.deepEqual(listed, sessions.map(({ id }) => id).sort());
  const noted = await work.update(items[0].id, { metadata: { host: 'a' }, ...where });
  assert.deepEqual(noted.metadata, { host: 'a' });
  await refused(NotFoundError, () => work.retrieve(`work_${ABSENT}`, where));
});

test('the poller of the SDK takes what there is', async () => {
  const { environment, sessions, where } = await hosted(2);
  const here = { environmentId: environment.id, environmentKey: 'x', drain: true, blockMs: null };
  const taken = [];
  for await (const item of work.poller(here)) {
    assert.equal((await work.retrieve(item.id, where)).state, 'starting');
    taken.push(item.data.id);
  }
  assert.deepEqual(taken.sort(), sessions.map(({ id }) => id).sort());
  const states = (await all(work.list(environment.id))).map(({ state }) => state);
  assert.ok(states.every((state) => /^stop(ping|ped)$/.test(state)), states.join(' '));
});

test('the token of an item opens its session and nothing else', async () => {
  const { environment, sessions, where } = await hosted();
  const other = await lab.session();
  const item = await work.poll(environment.id);
  const { sessions_token: token } = JSON.parse(Buffer.from(item.secret, 'base64url').toString());
  const worker = makeClient({ apiKey: null, authToken: token }).beta;
  assert.equal((await worker.sessions.retrieve(sessions[0].id)).id, sessions[0].id);
  await worker.environments.work.ack(item.id, where);
  await refused(PermissionDeniedError, () => worker.sessions.retrieve(other.id));
  await refused(PermissionDeniedError, () => worker.agents.list());
});
