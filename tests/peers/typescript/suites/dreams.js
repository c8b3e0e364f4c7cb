// beta.dreams.

import assert from 'node:assert/strict';
import { BadRequestError, NotFoundError } from '@anthropic-ai/sdk';

import { beta, test } from '../harness.js';
import { ABSENT, Lab, all, ids, lastWords, paged, refused } from '../support.js';

const lab = new Lab(beta);
const { memories } = beta.memoryStores;
const DREAMT = 'The door is green.';

/** A store and a session to dream of. */
async function material() {
  const [store, session] = [await lab.store({ name: 'Notes' }), await lab.session()];
  for (const path of ['/facts.md', '/more.md']) {
    await memories.create(store.id, { path, content: `- ${DREAMT}\n` });
  }
  await lab.tell(session, `Remember: ${DREAMT}`);
  return [store, session];
}

test('a dream is watched to its end, and what it made is used', async () => {
  const [store, session] = await material();
  const dream = await lab.dream(store, session, { instructions: 'Keep it short.' });
  assert.deepEqual([dream.status, dream.outputs, dream.session_id], ['pending', [], null]);
  const done = await lab.ended(dream);
  assert.deepEqual([done.status, done.error], ['completed', null]);
  const made = done.outputs[0].memory_store_id;
  assert.notEqual(made, store.id);
  const written = await all(memories.list(made, { view: 'full', limit: 20 }));
  const kept = written.find(({ content }) => content?.includes(DREAMT));
  assert.ok(kept, JSON.stringify(written));
  const before = await all(memories.list(store.id, { view: 'full', limit: 20 }));
  assert.deepEqual(before.map(({ path }) => path).sort(), ['/facts.md', '/more.md']);
  const resources = [{ type: 'memory_store', memory_store_id: made }];
  const probe = await lab.session(undefined, undefined, { resources });
  const [{ mount_path: folder }] = probe.resources;
  const script = [`call read {"file_path": "${folder}${kept.path}"}`, 'say {result}'];
  const tools = [{ type: 'agent_toolset_20260401' }];
  const reader = await lab.session(await lab.agent(script, { tools }), undefined, { resources });
  assert.ok(lastWords(await lab.tell(reader, 'Read.')).includes(DREAMT));
});

test('a dream is canceled, and the store stays', async () => {
  const [store, session] = await material();
  const canceled = await lab.canceled(() => lab.dream(store, session));
  assert.equal(canceled.status, 'canceled');
  assert.equal((await beta.dreams.retrieve(canceled.id)).status, 'canceled');
  assert.equal((await beta.memoryStores.retrieve(store.id)).archived_at, null);
});

test('dreams are archived and come in pages', async () => {
  const [store, session] = await material();
  const made = [];
  for (let count = 0; count < 3; count += 1) {
    made.push(await lab.ended(await lab.dream(store, session)));
  }
  const listed = (await paged((page) => beta.dreams.list(page))).map(({ id }) => id);
  assert.ok(made.every(({ id }) => listed.includes(id)));
  assert.notEqual((await beta.dreams.archive(made[0].id)).archived_at, null);
  assert.ok(!(await ids(beta.dreams.list())).includes(made[0].id));
  await refused(BadRequestError, () => beta.dreams.cancel(made[1].id));
  await refused(NotFoundError, () => beta.dreams.retrieve(`drm_${ABSENT}`));
});
