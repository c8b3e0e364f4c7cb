// beta.organization.webhooks, and what is sent to them.

import assert from 'node:assert/strict';
import { NotFoundError } from '@anthropic-ai/sdk';

import { answerOf, problems } from '../forms.js';
import { beta, makeClient, recorder, test } from '../harness.js';
import { ABSENT, Lab, listen, refused, until } from '../support.js';

const lab = new Lab(beta);
const of = beta.organization.webhooks;
// The SDK declares five of the events alone, where the server takes them all.
const ofAllEvents = makeClient({ fetch: recorder.fetchOfOtherForm }).beta.organization.webhooks;
const ENDPOINT = { url: 'https://hooks.example/lucid', enabled_events: ['external_key.failed'] };

test('an endpoint lives and is deleted', async () => {
  const made = await of.create({ ...ENDPOINT, name: 'First' });
  assert.match(made.signing_secret, /^whsec_/);
  const found = await of.retrieve(made.id);
  assert.deepEqual([found.name, found.url], ['First', ENDPOINT.url]);
  assert.ok(!('signing_secret' in found));
  const changed = await of.update(made.id, { name: 'Second', state: 'disabled' });
  assert.deepEqual([changed.name, changed.state], ['Second', 'disabled']);
  const fresh = await of.regenerateSigningSecret(made.id);
  assert.notEqual(fresh.signing_secret, made.signing_secret);
  await of.create(ENDPOINT);
  await of.create(ENDPOINT);
  const listed = [];
  for await (const page of (await of.list({ limit: 2 })).iterPages()) {
    listed.push(...page.data.map(({ id }) => id));
  }
  assert.ok(listed.includes(made.id) && new Set(listed).size === listed.length);
  for (const id of listed) {
    assert.deepEqual(await of.delete(id), { id, type: 'webhook_endpoint_deleted' });
  }
  await refused(NotFoundError, () => of.retrieve(`whk_${ABSENT}`));
});

test('what is sent to an endpoint is signed, and the SDK reads it', async (context) => {
  const heard = [];
  const endpoint = await listen(context, async (request, answer) => {
    const chunks = await request.toArray();
    heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer.end();
  });
  const wanted = ['session.created', 'session.status_idled'];
  const made = await ofAllEvents.create({ url: `${endpoint}/hook`, enabled_events: wanted });
  const session = await lab.session();
  await lab.tell(session, 'Hello.');
  const key = made.signing_secret;
  const unwrap = ({ headers, body }) => beta.webhooks.unwrap(body, { headers, key });
  const events = await until(() => {
    const kinds = new Set(heard.map(unwrap).map(({ data }) => data.type));
    return wanted.every((kind) => kinds.has(kind)) ? heard.map(unwrap) : null;
  }, 'both events');
  const { json: type } = answerOf('beta.webhooks.unwrap');
  assert.deepEqual(events.flatMap((event) => problems(event, type)), []);
  assert.ok(events.every(({ data }) => data.id === session.id));
  const changed = { ...heard[0], body: `${heard[0].body} ` };
  assert.throws(() => unwrap(changed), /signature/i);
  assert.equal(beta.webhooks.parseUnverified(heard[0].body).id, events[0].id);
  await ofAllEvents.delete(made.id);
});
