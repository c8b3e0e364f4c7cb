// beta.vaults and beta.vaults.credentials.

import assert from 'node:assert/strict';
import { BadRequestError, ConflictError, NotFoundError } from '@anthropic-ai/sdk';

import { beta, test } from '../harness.js';
import { ABSENT, ids, paged, refused, unique } from '../support.js';

const of = beta.vaults.credentials;
const SECRET = 'do-not-tell-anyone';

const bearer = (url = 'https://mcp.example/mcp') => ({
  type: 'static_bearer',
  mcp_server_url: url,
  token: SECRET,
});

const oauth = (url) => ({
  type: 'mcp_oauth',
  mcp_server_url: url,
  access_token: SECRET,
  expires_at: '2030-01-01T00:00:00Z',
  refresh: {
    refresh_token: SECRET,
    token_endpoint: 'https://oauth.example/token',
    client_id: 'me',
    token_endpoint_auth: { type: 'client_secret_post', client_secret: SECRET },
    scope: 'read',
  },
});

const variable = {
  type: 'environment_variable',
  secret_name: 'API_TOKEN',
  secret_value: SECRET,
  networking: { type: 'limited', allowed_hosts: ['api.example'] },
};

const vault = () => beta.vaults.create({ display_name: unique('vault'), metadata: { a: '1' } });

test('a vault lives, is archived and deleted', async () => {
  const made = await vault();
  assert.match(made.id, /^vlt_/);
  assert.deepEqual(await beta.vaults.retrieve(made.id), made);
  const fields = { display_name: 'Ours', metadata: { a: null } };
  const changed = await beta.vaults.update(made.id, fields);
  assert.deepEqual([changed.display_name, changed.metadata], ['Ours', {}]);
  assert.notEqual((await beta.vaults.archive(made.id)).archived_at, null);
  assert.ok(!(await ids(beta.vaults.list())).includes(made.id));
  const listed = await paged((page) => beta.vaults.list({ include_archived: true, ...page }));
  assert.ok(listed.some(({ id }) => id === made.id));
  const deleted = await beta.vaults.delete(made.id);
  assert.deepEqual(deleted, { id: made.id, type: 'vault_deleted' });
  await refused(NotFoundError, () => beta.vaults.retrieve(made.id));
});

test('a credential of any kind never shows its secret', async () => {
  const { id } = await vault();
  const made = [];
  for (const auth of [bearer(), oauth('https://127.0.0.1:1/mcp'), variable]) {
    made.push(await of.create(id, { auth }));
  }
  const where = { vault_id: id };
  const listed = await paged((page) => of.list(id, page));
  const shown = [...made, ...listed, await of.retrieve(made[0].id, where)];
  const validated = await of.mcpOAuthValidate(made[1].id, where);
  assert.equal(validated.has_refresh_token, true);
  assert.ok(!JSON.stringify([shown, validated]).includes(SECRET));
  assert.deepEqual(listed.map((each) => each.id).sort(), made.map((each) => each.id).sort());
});

test('a credential is changed, archived and deleted', async () => {
  const { id } = await vault();
  const where = { vault_id: id };
  const first = await of.create(id, { auth: bearer(), display_name: 'First' });
  const auth = { type: 'static_bearer', token: 'another' };
  const changed = await of.update(first.id, { auth, display_name: 'Second', ...where });
  assert.equal(changed.display_name, 'Second');
  await refused(ConflictError, () => of.create(id, { auth: bearer() }));
  assert.notEqual((await of.archive(first.id, where)).archived_at, null);
  const again = await of.create(id, { auth: bearer() });
  const deleted = await of.delete(again.id, where);
  assert.deepEqual(deleted, { id: again.id, type: 'vault_credential_deleted' });
  await refused(NotFoundError, () => of.retrieve(`vcrd_${ABSENT}`, where));
  await refused(BadRequestError, () => of.create(id, { auth: bearer('ftp://x') }));
});
