// beta.sessions and beta.sessions.events.

import assert from 'node:assert/strict';
import { BadRequestError, ConflictError, NotFoundError } from '@anthropic-ai/sdk';

import { beta, test } from '../harness.js';
import {
  ABSENT, FILES, Lab, all, ids, one, paged, refused, said, untilIdle, words,
} from '../support.js';

const lab = new Lab(beta);

test('a session has its agent as it was', async () => {
  const agent = await lab.agent(['say Hello.'], { tools: [FILES] });
  const session = await lab.session(agent, undefined, { title: 'First', metadata: { a: '1' } });
  assert.match(session.id, /^sesn_/);
  assert.deepEqual([session.status, session.title], ['idle', 'First']);
  assert.deepEqual(session.metadata, { a: '1' });
  await beta.agents.update(agent.id, { system: 'say Bye.' });
  const { stats, ...now } = await beta.sessions.retrieve(session.id);
  // How long it is there grows all the time.
  assert.deepEqual({ ...now, stats: session.stats }, session);
  assert.ok(stats.duration_seconds >= 0);
  assert.deepEqual([now.agent.version, now.agent.system], [1, 'say Hello.']);
});

test('an update of a session is an event', async () => {
  const session = await lab.session(undefined, undefined, { metadata: { a: '1' } });
  const fields = { title: 'New', metadata: { a: null, b: '2' } };
  const changed = await beta.sessions.update(session.id, fields);
  assert.deepEqual([changed.title, changed.metadata], ['New', { b: '2' }]);
  assert.equal(one(await lab.events(session), 'session.updated').title, 'New');
});

test('a session is archived, and then deleted', async () => {
  const session = await lab.session();
  await lab.tell(session, 'Hello.');
  assert.equal((await beta.sessions.archive(session.id)).status, 'terminated');
  await refused(ConflictError, () => lab.send(session, said('Again.')));
  assert.ok(!(await ids(beta.sessions.list())).includes(session.id));
  assert.ok((await ids(beta.sessions.list({ include_archived: true }))).includes(session.id));
  const deleted = await beta.sessions.delete(session.id);
  assert.deepEqual(deleted, { id: session.id, type: 'session_deleted' });
  await refused(NotFoundError, () => beta.sessions.retrieve(session.id));
});

test('sessions are filtered and come in pages, in either order', async () => {
  const [agent, environment] = [await lab.agent(), await lab.environment()];
  const made = [];
  for (let count = 0; count < 3; count += 1) {
    made.push((await lab.session(agent, environment)).id);
  }
  const list = (fields) => (page) => beta.sessions.list({ agent_id: agent.id, ...fields, ...page });
  const newest = (await paged(list({}))).map(({ id }) => id);
  assert.deepEqual([...newest].sort(), [...made].sort());
  const oldest = (await paged(list({ order: 'asc' }))).map(({ id }) => id);
  assert.deepEqual(oldest, [...newest].reverse());
  assert.deepEqual(await ids(list({ statuses: ['running'] })({})), []);
  assert.deepEqual(await ids(list({ statuses: ['idle', 'running'] })({})), newest);
});

test('events are filtered and come in pages, in either order', async () => {
  const session = await lab.session();
  await lab.tell(session, 'One.');
  await lab.tell(session, 'Two.');
  const list = (fields) => (page) => beta.sessions.events.list(session.id, { ...fields, ...page });
  const forwards = await paged(list({}), 5);
  const backwards = await paged(list({ order: 'desc' }), 5);
  assert.deepEqual(backwards, [...forwards].reverse());
  const talk = await paged(list({ types: ['user.message', 'agent.message'] }));
  assert.deepEqual(talk.map(words), ['One.', 'One.', 'Two.', 'Two.']);
  const wrong = () => list({ types: ['no.such.type'] })({});
  await refused(BadRequestError, wrong);
});

test('a stream gives what the list gives, each once', async () => {
  const session = await lab.session();
  const before = await lab.tell(session, 'Before.');
  const stream = await beta.sessions.events.stream(session.id);
  await lab.send(session, said('Now.'));
  const streamed = await untilIdle(stream);
  assert.deepEqual(streamed, await lab.events(session, before.at(-1).id));
});

test('a stream ends when its session is deleted', async () => {
  const session = await lab.session();
  const stream = await beta.sessions.events.stream(session.id);
  await beta.sessions.delete(session.id);
  assert.equal((await all(stream)).at(-1).type, 'session.deleted');
});

test('events that cannot be sent are refused together', async () => {
  const session = await lab.session();
  const before = await lab.events(session);
  const id = `sevt_${ABSENT}`;
  const wrong = { type: 'user.tool_confirmation', tool_use_id: id, result: 'allow' };
  await refused(BadRequestError, () => lab.send(session, said('Kept out.'), wrong));
  assert.deepEqual(await lab.events(session), before);
  await refused(NotFoundError, () => lab.send({ id: `sesn_${ABSENT}` }, said('x')));
  await refused(NotFoundError, () => beta.sessions.events.stream(`sesn_${ABSENT}`));
});
