// beta.memoryStores, and their memories and versions.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { BadRequestError, ConflictError, NotFoundError } from '@anthropic-ai/sdk';

import { beta, test } from '../harness.js';
import { ABSENT, Lab, all, ids, paged, refused } from '../support.js';

const lab = new Lab(beta);
const { memories, memoryVersions } = beta.memoryStores;
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

test('a store lives, is archived and deleted', async () => {
  const store = await lab.store({ description: 'Notes.', metadata: { a: '1' } });
  assert.match(store.id, /^memstore_/);
  assert.deepEqual(await beta.memoryStores.retrieve(store.id), store);
  const fields = { description: 'More.', metadata: { a: null } };
  const changed = await beta.memoryStores.update(store.id, fields);
  assert.deepEqual([changed.description, changed.metadata], ['More.', {}]);
  assert.notEqual((await beta.memoryStores.archive(store.id)).archived_at, null);
  assert.ok(!(await ids(beta.memoryStores.list())).includes(store.id));
  await refused(BadRequestError, () => beta.memoryStores.update(store.id, { name: 'x' }));
  const deleted = await beta.memoryStores.delete(store.id);
  assert.deepEqual(deleted, { id: store.id, type: 'memory_store_deleted' });
  await refused(NotFoundError, () => beta.memoryStores.retrieve(store.id));
});

test('memories are listed as a tree, in two views, and stores in pages', async () => {
  const store = await lab.store();
  const basic = await memories.create(store.id, { path: '/ä.md', content: 'Grüße\n' });
  assert.deepEqual([basic.content, basic.content_size_bytes], [null, 8]);
  assert.equal(basic.content_sha256, sha256('Grüße\n'));
  const full = await memories.retrieve(basic.id, { memory_store_id: store.id });
  assert.equal(full.content, 'Grüße\n');
  for (const path of ['/b/c.md', '/b/d/e.md', '/bb/f.md']) {
    await memories.create(store.id, { path, content: path });
  }
  const everything = await paged((page) => memories.list(store.id, page));
  const paths = everything.map(({ path }) => path).sort();
  assert.deepEqual(paths, ['/b/c.md', '/b/d/e.md', '/bb/f.md', '/ä.md']);
  const top = await all(memories.list(store.id, { depth: 1 }));
  const folders = top.filter(({ type }) => type === 'memory_prefix').map(({ path }) => path);
  assert.deepEqual(folders.sort(), ['/b/', '/bb/']);
  await Promise.all([lab.store(), lab.store()]);
  assert.ok((await paged((page) => beta.memoryStores.list(page))).length >= 3);
});

test('a change of a memory asks for what it changes', async () => {
  const store = await lab.store();
  const where = { memory_store_id: store.id };
  const first = await memories.create(store.id, { path: '/a.md', content: 'one' });
  const precondition = { type: 'content_sha256', content_sha256: first.content_sha256 };
  const change = (content) => memories.update(first.id, { content, precondition, ...where });
  await change('two');
  const error = await refused(ConflictError, () => change('three'));
  assert.equal(error.type, 'memory_precondition_failed_error');
  const taken = () => memories.create(store.id, { path: '/a.md', content: 'x' });
  const conflict = await refused(ConflictError, taken);
  assert.equal(conflict.type, 'memory_path_conflict_error');
  assert.equal(conflict.error.error.conflicting_memory_id, first.id);
  const expected = { expected_content_sha256: sha256('two'), ...where };
  const deleted = await memories.delete(first.id, expected);
  assert.deepEqual(deleted, { id: first.id, type: 'memory_deleted' });
});

test('every change of a memory is a version, which can be made unreadable', async () => {
  const store = await lab.store();
  const where = { memory_store_id: store.id };
  const memory = await memories.create(store.id, { path: '/a.md', content: 'a secret' });
  await memories.update(memory.id, { content: 'nothing', ...where });
  await memories.delete(memory.id, where);
  const list = (page) => memoryVersions.list(store.id, { memory_id: memory.id, ...page });
  const versions = await paged(list);
  const operations = versions.map(({ operation }) => operation);
  assert.deepEqual(operations, ['deleted', 'modified', 'created']);
  const redacted = await memoryVersions.redact(versions[2].id, where);
  assert.deepEqual([redacted.content, redacted.path], [null, null]);
  assert.equal((await memoryVersions.retrieve(redacted.id, where)).content, null);
  assert.equal((await memoryVersions.retrieve(versions[1].id, where)).content, 'nothing');
  const nothing = () => memoryVersions.retrieve(`memver_${ABSENT}`, where);
  await refused(NotFoundError, nothing);
});
