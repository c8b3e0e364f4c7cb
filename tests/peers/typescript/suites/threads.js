// beta.sessions.threads and beta.sessions.threads.events.

import assert from 'node:assert/strict';
import { NotFoundError } from '@anthropic-ai/sdk';

import { beta, test } from '../harness.js';
import { ABSENT, Lab, ids, ofType, one, paged, refused, said, words } from '../support.js';

const lab = new Lab(beta);
const { threads } = beta.sessions;

/** A session whose lead asked two agents, and rests; with its threads, the primary first. */
async function team() {
  const [ada, bob] = [await lab.agent([], { name: 'ada' }), await lab.agent([], { name: 'bob' })];
  const script = [
    'call send_to_agent {"agent_name": "ada", "message": "Count."}',
    'and call send_to_agent {"agent_name": "bob", "message": "Weigh."}',
    'call await_threads {}',
    'say Both are done.',
  ];
  const multiagent = { type: 'coordinator', agents: [ada.id, bob.id] };
  const session = await lab.session(await lab.agent(script, { name: 'lead', multiagent }));
  await lab.tell(session, 'Go.');
  const [primary, ...children] = await paged((page) => threads.list(session.id, page));
  return { session, primary, children, where: { session_id: session.id } };
}

test('a team has a thread for each agent, with a history of its own', async () => {
  const { session, primary, children, where } = await team();
  assert.equal(primary.parent_thread_id, null);
  assert.deepEqual(children.map(({ agent }) => agent.name).sort(), ['ada', 'bob']);
  assert.ok(children.every((child) => child.parent_thread_id === primary.id));
  assert.equal((await ids(threads.list(session.id, { statuses: ['idle'] }))).length, 3);
  const ada = children.find(({ agent }) => agent.name === 'ada');
  const { stats, ...now } = await threads.retrieve(ada.id, where);
  assert.deepEqual({ ...now, stats: ada.stats }, ada);
  assert.ok(stats !== undefined);
  const events = await paged((page) => threads.events.list(ada.id, { ...where, ...page }));
  assert.equal(words(one(events, 'agent.thread_message_received')), 'Count.');
  assert.ok(words(one(events, 'agent.thread_message_sent')).includes('Count.'));
});

test('the stream of a thread gives its own events', async () => {
  const { session, primary, where } = await team();
  const stream = await threads.events.stream(primary.id, where);
  const [sent] = await lab.send(session, said('Again.'));
  const seen = [];
  for await (const event of stream) {
    seen.push(event);
    if (event.type === 'session.thread_status_idle' || event.type === 'session.status_idle') {
      break;
    }
  }
  assert.ok(seen.some(({ id }) => id === sent.id));
  assert.ok(ofType(seen, 'agent.message').length > 0);
});

test('an idle thread is archived', async () => {
  const { session, children, where } = await team();
  const archived = await threads.archive(children[0].id, where);
  assert.equal(archived.status, 'terminated');
  const ended = one(await lab.events(session), 'session.thread_status_terminated');
  assert.equal(ended.session_thread_id, children[0].id);
  await refused(NotFoundError, () => threads.retrieve(`sthr_${ABSENT}`, where));
});
