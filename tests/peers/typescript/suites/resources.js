// beta.files and beta.sessions.resources.

import assert from 'node:assert/strict';
import { BadRequestError, NotFoundError, NotImplementedError, toFile } from '@anthropic-ai/sdk';

import { beta, test } from '../harness.js';
import { ABSENT, FILES, Lab, all, ids, lastWords, paged, refused, until } from '../support.js';

const lab = new Lab(beta);
const of = beta.sessions.resources;

test('a file is kept as it came', async () => {
  const content = Buffer.from(Array.from({ length: 256_000 }, (_, at) => at % 256));
  const type = 'application/octet-stream';
  const file = await beta.files.upload({ file: await toFile(content, 'data.bin', { type }) });
  assert.match(file.id, /^file_/);
  assert.deepEqual([file.filename, file.size_bytes], ['data.bin', content.length]);
  assert.deepEqual(await beta.files.retrieveMetadata(file.id), file);
  const listed = (await paged((page) => beta.files.list(page))).map(({ id }) => id);
  assert.ok(listed.includes(file.id));
  assert.deepEqual(await ids(beta.files.list({ ids: [file.id, `file_${ABSENT}`] })), [file.id]);
  await refused(BadRequestError, () => beta.files.download(file.id));
  assert.deepEqual(await beta.files.delete(file.id), { id: file.id, type: 'file_deleted' });
  await refused(NotFoundError, () => beta.files.retrieveMetadata(file.id));
});

test('what a session leaves behind is downloaded', async () => {
  const path = '/mnt/session/outputs/report.md';
  const call = `call write {"file_path": "${path}", "content": "# Report"}`;
  const session = await lab.session(await lab.agent([call, 'say Done.'], { tools: [FILES] }));
  await lab.tell(session, 'Go.');
  const mine = () => all(beta.files.list({ scope_id: session.id }));
  const [file] = await until(async () => ((await mine()).length > 0 ? mine() : null), 'the report');
  assert.deepEqual([file.filename, file.downloadable], ['report.md', true]);
  assert.deepEqual(file.scope, { type: 'session', id: session.id });
  assert.equal(await (await beta.files.download(file.id)).text(), '# Report');
});

test('a file of a session is a copy that its agent reads', async () => {
  const path = '/mnt/session/uploads/notes.txt';
  const script = [`call read {"file_path": "${path}"}`, 'say {result}'];
  const file = await lab.file('notes.txt', 'The answer is 42.\n');
  const resources = [{ type: 'file', file_id: file.id, mount_path: path }];
  const session = await lab.session(await lab.agent(script, { tools: [FILES] }), undefined, {
    resources,
  });
  assert.deepEqual(session.resources.map(({ mount_path }) => mount_path), [path]);
  assert.notEqual(session.resources[0].file_id, file.id);
  assert.ok(lastWords(await lab.tell(session, 'Read.')).includes('The answer is 42.'));
});

test('files come and go while a session lives', async () => {
  const [session, store] = [await lab.session(), await lab.store()];
  const added = [];
  for (const name of ['a.txt', 'b.txt', 'c.txt']) {
    const { id } = await lab.file(name);
    added.push(await of.add(session.id, { type: 'file', file_id: id, mount_path: name }));
  }
  const where = { session_id: session.id };
  const listed = (await paged((page) => of.list(session.id, page))).map(({ id }) => id);
  assert.deepEqual(listed.sort(), added.map(({ id }) => id).sort());
  assert.deepEqual(await of.retrieve(added[0].id, where), added[0]);
  const deleted = await of.delete(added[0].id, where);
  assert.deepEqual(deleted, { id: added[0].id, type: 'session_resource_deleted' });
  await refused(NotFoundError, () => of.retrieve(added[0].id, where));
  const resource = { type: 'memory_store', memory_store_id: store.id, access: 'read_only' };
  const other = await lab.session(undefined, undefined, { resources: [resource] });
  assert.deepEqual(other.resources.map(({ type, access }) => [type, access]), [
    ['memory_store', 'read_only'],
  ]);
});

test('what this server does not bring into sessions it says', async () => {
  const resources = [{ type: 'github_repository', url: 'https://git.example/team/project' }];
  const attach = () => lab.session(undefined, undefined, { resources });
  assert.equal((await refused(NotImplementedError, attach)).status, 501);
  const session = await lab.session();
  const fields = { session_id: session.id, authorization_token: 'x' };
  await refused(NotFoundError, () => of.update(`sesrsc_${ABSENT}`, fields));
});
