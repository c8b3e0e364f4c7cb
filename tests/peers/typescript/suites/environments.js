// beta.environments.

import assert from 'node:assert/strict';
import { ConflictError } from '@anthropic-ai/sdk';
import {
  BetaEnvironmentArchivedError,
  BetaEnvironmentNotFoundError,
  BetaInvalidConfigTypeChangeError,
} from '@anthropic-ai/sdk/resources/beta/environments/environments';

import { beta, test } from '../harness.js';
import { ABSENT, Lab, ids, paged, refused, unique } from '../support.js';

const lab = new Lab(beta);

test('an environment comes back with everything filled in', async () => {
  const name = unique('cloud');
  const made = await beta.environments.create({ name });
  assert.match(made.id, /^env_/);
  assert.deepEqual([made.name, made.config.type], [name, 'cloud']);
  assert.equal(made.config.networking.type, 'unrestricted');
  assert.deepEqual(await beta.environments.retrieve(made.id), made);
  const networking = { type: 'limited', allowed_hosts: ['api.example', '*.cdn.example'] };
  const config = { type: 'cloud', networking };
  const limited = await beta.environments.create({ name: unique('limited'), config });
  assert.deepEqual(limited.config.networking.allowed_hosts, networking.allowed_hosts);
});

test('an update of an environment changes what it names, and never its kind', async () => {
  const made = await beta.environments.create({ name: unique('first'), metadata: { a: '1' } });
  const fields = { description: 'New.', metadata: { a: null, b: '2' } };
  const changed = await beta.environments.update(made.id, fields);
  assert.deepEqual([changed.name, changed.description], [made.name, 'New.']);
  assert.deepEqual(changed.metadata, { b: '2' });
  const other = { config: { type: 'self_hosted' } };
  const change = () => beta.environments.update(made.id, other);
  assert.equal((await refused(BetaInvalidConfigTypeChangeError, change)).status, 400);
});

test('an environment is archived, and deleted when no session has it', async () => {
  const made = await lab.environment();
  const session = await lab.session(undefined, made);
  const remove = () => beta.environments.delete(made.id);
  await refused(ConflictError, remove);
  assert.notEqual((await beta.environments.archive(made.id)).archived_at, null);
  assert.ok(!(await ids(beta.environments.list())).includes(made.id));
  await refused(BetaEnvironmentArchivedError, () => lab.session(undefined, made));
  await beta.sessions.delete(session.id);
  assert.deepEqual(await remove(), { id: made.id, type: 'environment_deleted' });
  await refused(BetaEnvironmentNotFoundError, () => beta.environments.retrieve(made.id));
});

test('environments come in pages, and a name is taken once', async () => {
  const made = await Promise.all([lab.environment(), lab.environment(), lab.environment()]);
  const listed = (await paged((page) => beta.environments.list(page))).map(({ id }) => id);
  assert.ok(made.every(({ id }) => listed.includes(id)));
  await refused(ConflictError, () => beta.environments.create({ name: made[0].name }));
  const nobody = () => beta.environments.archive(`env_${ABSENT}`);
  await refused(BetaEnvironmentNotFoundError, nobody);
});
