// beta.deployments and beta.deploymentRuns.

import assert from 'node:assert/strict';
import { BadRequestError, NotFoundError } from '@anthropic-ai/sdk';

import { beta, test } from '../harness.js';
import { ABSENT, Lab, ids, ofType, paged, refused, said, unique, words } from '../support.js';

const lab = new Lab(beta);
const YEARLY = { type: 'cron', expression: '0 9 1 1 *', timezone: 'Europe/Berlin' };

async function deploy(fields = {}) {
  const [agent, environment] = [await lab.agent(), await lab.environment()];
  return beta.deployments.create({
    name: unique('deployment'),
    agent: agent.id,
    environment_id: environment.id,
    initial_events: [said('Go.')],
    ...fields,
  });
}

test('a deployment says when it runs, and is changed', async () => {
  const made = await deploy({ schedule: YEARLY, metadata: { a: '1' } });
  assert.match(made.id, /^depl_/);
  assert.deepEqual([made.status, made.schedule.expression], ['active', YEARLY.expression]);
  assert.ok(made.schedule.upcoming_runs_at.every((at) => /-01-01T08:00:00/.test(at)));
  assert.deepEqual(await beta.deployments.retrieve(made.id), made);
  const changed = await beta.deployments.update(made.id, { schedule: null, description: 'New.' });
  assert.deepEqual([changed.schedule, changed.description], [null, 'New.']);
});

test('a run of a deployment makes a session', async () => {
  const made = await deploy();
  const run = await beta.deployments.run(made.id);
  assert.deepEqual([run.deployment_id, run.trigger_context.type], [made.id, 'manual']);
  const session = await beta.sessions.retrieve(run.session_id);
  assert.equal(session.deployment_id, made.id);
  const said = ofType(await lab.rest(session), 'agent.message');
  assert.deepEqual(said.map(words), ['Go.']);
  assert.deepEqual(await beta.deploymentRuns.retrieve(run.id), run);
  await beta.deployments.run(made.id);
  await beta.deployments.run(made.id);
  const mine = { deployment_id: made.id };
  const runs = await paged((page) => beta.deploymentRuns.list({ ...mine, ...page }));
  assert.ok(runs.some(({ id }) => id === run.id) && runs.length === 3);
  assert.deepEqual(await ids(beta.deploymentRuns.list({ has_error: true, ...mine })), []);
});

test('a deployment is paused, goes on, and is archived', async () => {
  const made = await deploy({ schedule: YEARLY });
  const paused = await beta.deployments.pause(made.id);
  assert.deepEqual([paused.status, paused.paused_reason.type], ['paused', 'manual']);
  const waiting = await paged((page) => beta.deployments.list({ status: 'paused', ...page }));
  assert.ok(waiting.some(({ id }) => id === made.id));
  const active = await beta.deployments.unpause(made.id);
  assert.deepEqual([active.status, active.paused_reason], ['active', null]);
  assert.notEqual((await beta.deployments.archive(made.id)).archived_at, null);
  assert.ok(!(await ids(beta.deployments.list())).includes(made.id));
});

test('what cannot run says why', async () => {
  const environment = await lab.environment();
  const made = await deploy({ environment_id: environment.id });
  await beta.environments.archive(environment.id);
  const run = await beta.deployments.run(made.id);
  assert.deepEqual([run.session_id, run.error.type], [null, 'environment_archived_error']);
  await refused(NotFoundError, () => beta.deployments.run(`depl_${ABSENT}`));
  const daily = { schedule: { ...YEARLY, expression: '@daily' } };
  await refused(BadRequestError, () => deploy(daily));
});
