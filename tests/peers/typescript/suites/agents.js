// beta.agents and beta.agents.versions.

import assert from 'node:assert/strict';
import { BadRequestError, ConflictError, NotFoundError } from '@anthropic-ai/sdk';

import { beta, test } from '../harness.js';
import { ABSENT, FILES, custom, ids, paged, refused, unique } from '../support.js';

const create = (fields = {}) =>
  beta.agents.create({ name: unique('agent'), model: 'plugin:echo', ...fields });

test('an agent comes back with everything filled in', async () => {
  const plain = await create({ name: 'Plain' });
  assert.match(plain.id, /^agent_/);
  assert.deepEqual([plain.name, plain.version, plain.model.id], ['Plain', 1, 'plugin:echo']);
  assert.deepEqual(await beta.agents.retrieve(plain.id), plain);
  const tooled = await create({
    model: { id: 'plugin:echo', effort: 'low', speed: 'standard' },
    mcp_servers: [{ type: 'url', name: 'docs', url: 'https://docs.example/mcp' }],
    tools: [
      { ...FILES, configs: [{ name: 'bash', enabled: false }] },
      { type: 'mcp_toolset', mcp_server_name: 'docs' },
      custom('weather', { city: { type: 'string' } }),
    ],
    metadata: { team: 'a' },
  });
  const [builtin, mcp, own] = tooled.tools;
  assert.equal(builtin.default_config.permission_policy.type, 'always_allow');
  assert.deepEqual(builtin.configs.map(({ name, enabled }) => [name, enabled]), [['bash', false]]);
  assert.equal(mcp.default_config.permission_policy.type, 'always_ask');
  assert.deepEqual(own.input_schema.properties, { city: { type: 'string' } });
  assert.deepEqual([tooled.model.effort.type, tooled.metadata], ['low', { team: 'a' }]);
});

test('every change of an agent is a version, and no change is none', async () => {
  const first = await create({ system: 'One.' });
  const second = await beta.agents.update(first.id, { system: 'Two.', metadata: { a: '1' } });
  assert.deepEqual([second.version, second.system, second.name], [2, 'Two.', first.name]);
  assert.deepEqual(await beta.agents.update(first.id, { system: 'Two.' }), second);
  const third = await beta.agents.update(first.id, { system: null, metadata: { a: null } });
  assert.deepEqual([third.version, third.system, third.metadata], [3, null, {}]);
  assert.equal((await beta.agents.retrieve(first.id, { version: 1 })).system, 'One.');
  const versions = await paged((params) => beta.agents.versions.list(first.id, params));
  assert.deepEqual(versions.map(({ version }) => version), [3, 2, 1]);
});

test('an agent that somebody else changed is a ConflictError that is not tried again', async () => {
  const agent = await create();
  await beta.agents.update(agent.id, { version: 1, name: 'Changed' });
  const again = () => beta.agents.update(agent.id, { version: 1, name: 'Again' });
  const error = await refused(ConflictError, again);
  assert.deepEqual([error.status, error.type], [409, 'conflict_error']);
  assert.equal(error.headers.get('x-should-retry'), 'false');
});

test('archived agents are listed only where that is asked', async () => {
  const agent = await create();
  assert.notEqual((await beta.agents.archive(agent.id)).archived_at, null);
  assert.ok(!(await ids(beta.agents.list())).includes(agent.id));
  assert.ok((await ids(beta.agents.list({ include_archived: true }))).includes(agent.id));
});

test('lists of agents are filtered by time and come in pages', async () => {
  const made = [await create(), await create(), await create()];
  const since = made[0].created_at;
  const listed = await paged((page) => beta.agents.list({ 'created_at[gte]': since, ...page }));
  const found = new Set(listed.map(({ id }) => id));
  assert.ok(made.every(({ id }) => found.has(id)));
  const before = await ids(beta.agents.list({ 'created_at[lte]': '2000-01-01T00:00:00Z' }));
  assert.deepEqual(before, []);
});

test('what is wrong with an agent is an error of the class for it', async () => {
  const nobody = `agent_${ABSENT}`;
  await refused(NotFoundError, () => beta.agents.retrieve(nobody));
  await refused(NotFoundError, () => beta.agents.versions.list(nobody));
  for (const wrong of [{ name: '' }, { tools: [custom('no spaces')] }, { nonsense: 1 }]) {
    const error = await refused(BadRequestError, () => create(wrong));
    assert.equal(error.type, 'invalid_request_error');
  }
});
