// Whole stories: what people do with sessions, from beginning to end.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';

import { beta, test } from '../harness.js';
import { temporary } from '../server.js';
import {
  FILES, Lab, all, custom, inTime, lastWords, ofType, one, said, stopReason, toolset, until, words,
} from '../support.js';

const lab = new Lab(beta);
const REPORT = '/mnt/session/outputs/report.md';
const RUBRIC = "- There is a report.\n  `check: exists('report.md')`\n";
const write = (file, content) => `call write ${JSON.stringify({ file_path: file, content })}`;

test("a tool of the client's own is answered", async () => {
  const script = ['call weather {"city": "Oslo"}', 'say It is {result}.'];
  const tools = [custom('weather', { city: { type: 'string' } })];
  const session = await lab.session(await lab.agent(script, { tools }));
  const asked = await lab.tell(session, 'How is the weather in Oslo?');
  const call = one(asked, 'agent.custom_tool_use');
  assert.deepEqual([call.name, call.input], ['weather', { city: 'Oslo' }]);
  assert.deepEqual(stopReason(asked), { type: 'requires_action', event_ids: [call.id] });
  const [answer] = await lab.send(session, {
    type: 'user.custom_tool_result',
    custom_tool_use_id: call.id,
    content: [{ type: 'text', text: 'sunny' }],
  });
  const events = await lab.rest(session, answer.id);
  assert.equal(lastWords(events), 'It is sunny.');
  assert.equal(stopReason(events).type, 'end_turn');
});

test('a person is asked, and allows or denies', async () => {
  const script = [write(REPORT, 'one'), 'say {result}', write(REPORT, 'two'), 'say {result}'];
  const session = await lab.session(await lab.agent(script, { tools: [toolset('always_ask')] }));
  const decide = async (text, decision) => {
    const call = one(await lab.tell(session, text), 'agent.tool_use');
    assert.equal(call.evaluated_permission, 'ask');
    const confirm = { type: 'user.tool_confirmation', tool_use_id: call.id, ...decision };
    const [sent] = await lab.send(session, confirm);
    const result = one(await lab.rest(session, sent.id), 'agent.tool_result');
    assert.equal(result.tool_use_id, call.id);
    return result;
  };
  assert.ok(!(await decide('Write one.', { result: 'allow' })).is_error);
  const denied = await decide('Write two.', { result: 'deny', deny_message: 'One is enough.' });
  assert.ok(denied.is_error && words(denied).includes('One is enough.'));
  const mine = () => all(beta.files.list({ scope_id: session.id }));
  const [file] = await until(async () => ((await mine()).length > 0 ? mine() : null), 'the file');
  assert.equal(await (await beta.files.download(file.id)).text(), 'one');
});

test('an interrupt ends what waits', async () => {
  const script = ['call look {}', 'say Still here.'];
  const session = await lab.session(await lab.agent(script, { tools: [custom('look')] }));
  one(await lab.tell(session, 'Go.'), 'agent.custom_tool_use');
  const [sent] = await lab.send(session, { type: 'user.interrupt' });
  const events = await until(async () => {
    const now = await lab.events(session);
    return stopReason(now).type === 'end_turn' ? now : null;
  }, 'the end of the turn');
  assert.ok(events.some(({ id }) => id === sent.id));
  assert.equal(ofType(events, 'span.model_request_start').length, 1);
  assert.equal(lastWords(await lab.tell(session, 'Are you there?')), 'Still here.');
});

test('an outcome is reached after a revision', async () => {
  const script = ['say Done already.', write(REPORT, '# Report'), 'say Now it is there.'];
  const session = await lab.session(await lab.agent(script, { tools: [FILES] }));
  const [defined] = await lab.send(session, {
    type: 'user.define_outcome',
    description: 'Write a report.',
    rubric: { type: 'text', content: RUBRIC },
    max_iterations: 3,
  });
  assert.match(defined.outcome_id, /^outc_/);
  const events = await lab.rest(session, defined.id);
  const starts = ofType(events, 'span.outcome_evaluation_start');
  const ends = ofType(events, 'span.outcome_evaluation_end');
  assert.deepEqual(ends.map(({ result }) => result), ['needs_revision', 'satisfied']);
  const began = ends.map((end) => end.outcome_evaluation_start_id);
  assert.deepEqual(began, starts.map(({ id }) => id));
  const { outcome_evaluations: evaluations } = await beta.sessions.retrieve(session.id);
  const results = evaluations.map(({ outcome_id, result }) => [outcome_id, result]);
  assert.deepEqual(results, [[defined.outcome_id, 'satisfied']]);
});

test('a team of three shares the work', async () => {
  const [ada, bob] = [await lab.agent([], { name: 'ada' }), await lab.agent([], { name: 'bob' })];
  const script = [
    'call send_to_agent {"agent_name": "ada", "message": "Count the boats."}',
    'and call send_to_agent {"agent_name": "bob", "message": "Weigh the fish."}',
    'call await_threads {}',
    'say Both have answered.',
  ];
  const multiagent = { type: 'coordinator', agents: [ada.id, bob.id] };
  const session = await lab.session(await lab.agent(script, { name: 'lead', multiagent }));
  const events = await lab.tell(session, 'Start.');
  assert.equal(lastWords(events), 'Both have answered.');
  const created = ofType(events, 'session.thread_created');
  assert.deepEqual(created.map(({ agent_name: name }) => name).sort(), ['ada', 'bob']);
  const answers = ofType(events, 'agent.thread_message_received').map(words);
  for (const task of ['Count the boats.', 'Weigh the fish.']) {
    assert.ok(answers.some((answer) => answer.includes(task)), answers.join('\n'));
  }
  const threads = await all(beta.sessions.threads.list(session.id));
  assert.deepEqual(threads.map(({ status }) => status), ['idle', 'idle', 'idle']);
});

test('the runner of the SDK answers a custom tool', async () => {
  const properties = { number: { type: 'integer' } };
  const script = ['call double {"number": 21}', 'say {result}'];
  const tools = [custom('double', properties)];
  const session = await lab.session(await lab.agent(script, { tools }));
  await lab.send(session, said('Go.'));
  const double = betaTool({
    name: 'double',
    description: 'Doubles a number.',
    inputSchema: { type: 'object', properties, required: ['number'] },
    run: ({ number }) => String(2 * number),
  });
  const options = { tools: [double], maxIdleMs: 500 };
  const runner = beta.sessions.events.toolRunner(session.id, options);
  const calls = await inTime(all(runner), 'the runner');
  const found = calls.map(({ name, posted, isError }) => [name, posted, isError]);
  assert.deepEqual(found, [['double', true, false]]);
  assert.equal(lastWords(await lab.events(session)), '42');
});

/** Lets the SDK's worker work until something has happened. */
async function withWorker(environment, workdir, happened) {
  const stop = new AbortController();
  const options = { environmentId: environment.id, environmentKey: 'x', workdir, maxIdleMs: 500 };
  const worker = beta.environments.work.worker({ ...options, signal: stop.signal });
  const working = worker.run();
  try {
    await Promise.race([happened(), working.then(() => assert.fail('the worker went home'))]);
  } finally {
    stop.abort();
    await inTime(working.catch(() => {}), 'the worker');
  }
}

test('the worker of the SDK runs the tools', async () => {
  const [environment, workdir] = [await lab.environment('self_hosted'), temporary()];
  const script = [
    write('notes.txt', 'one two three'),
    'call bash {"command": "wc -w < notes.txt"}',
    'say There are {result} words.',
  ];
  const agent = await lab.agent(script, { tools: [FILES] });
  const session = await lab.session(agent, environment, { initial_events: [said('Count.')] });
  const items = () => all(beta.environments.work.list(environment.id));
  await withWorker(environment, workdir, () =>
    until(async () => {
      const states = (await items()).map(({ state }) => state);
      return states.length > 0 && states.every((state) => state === 'stopped');
    }, 'the end of the work'),
  );
  assert.equal(readFileSync(path.join(workdir, 'notes.txt'), 'utf8'), 'one two three');
  const events = await lab.events(session);
  assert.equal(stopReason(events).type, 'end_turn');
  const answers = ofType(events, 'user.tool_result');
  const asked = ofType(events, 'agent.tool_use').map(({ id }) => id);
  assert.deepEqual(answers.map((answer) => answer.tool_use_id), asked);
  assert.ok(answers.every((answer) => !answer.is_error));
  assert.match(lastWords(events), /There are 3\s* words/);
});

test('the worker of the SDK waits for a person', async () => {
  const [environment, workdir] = [await lab.environment('self_hosted'), temporary()];
  const script = [write('a.txt', 'yes'), write('b.txt', 'no'), 'say {result}'];
  const agent = await lab.agent(script, { tools: [toolset('always_ask')] });
  const session = await lab.session(agent, environment);
  await lab.tell(session, 'Write.');
  await withWorker(environment, workdir, async () => {
    const decided = new Set();
    for (const result of ['allow', 'deny']) {
      const open = ({ id }) => !decided.has(id);
      const call = await until(
        async () => ofType(await lab.events(session), 'agent.tool_use').find(open),
        'a call',
      );
      decided.add(call.id);
      await lab.send(session, { type: 'user.tool_confirmation', tool_use_id: call.id, result });
    }
    const over = async () => stopReason(await lab.events(session)).type === 'end_turn';
    await until(over, 'the end of the turn');
  });
  assert.equal(readFileSync(path.join(workdir, 'a.txt'), 'utf8'), 'yes');
  assert.ok(!existsSync(path.join(workdir, 'b.txt')));
});
