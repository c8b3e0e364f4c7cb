// What a model behind a network says is seen while it says it.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { BadRequestError } from '@anthropic-ai/sdk';
import { accumulateManagedAgentsEvent } from '@anthropic-ai/sdk/lib/sessions/accumulate';

import { makeClient, test } from '../harness.js';
import { Server, temporary } from '../server.js';
import { Lab, listen, ofType, one, refused, said, untilIdle, words } from '../support.js';

const PARTS = ['A long sentence ', 'of several words.'];
const MODEL = 'openai:local';

/** Says the first part, and the second when that was seen. */
async function speak(answer, seen) {
  const send = (choice) => answer.write(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
  const say = (content) => send({ index: 0, delta: { role: 'assistant', content } });
  answer.writeHead(200, { 'content-type': 'text/event-stream' });
  say(PARTS[0]);
  await seen;
  say(PARTS[1]);
  send({ index: 0, delta: {}, finish_reason: 'stop' });
  answer.end('data: [DONE]\n\n');
}

test('previews become the message they announce, before it is there', async (context) => {
  let isSeen;
  const seen = new Promise((resolve) => (isSeen = resolve));
  const neighbour = await listen(context, (request, answer) => {
    request.resume();
    speak(answer, seen);
  });
  const folder = temporary();
  const config = path.join(folder, 'server.toml');
  writeFileSync(config, `[models."${MODEL}"]\nbase_url = "${neighbour}/v1"\n`);
  const server = await Server.start(folder, '--config', config);
  context.after(async () => assert.equal(await server.stop(), 0, server.said()));
  const { beta } = makeClient({ baseURL: server.url });
  const lab = new Lab(beta);
  const session = await lab.session(await lab.agent([], { model: MODEL }));
  const event_deltas = ['agent.message', 'agent.thinking'];
  const stream = await beta.sessions.events.stream(session.id, { event_deltas });
  await lab.send(session, said('Speak.'));
  const texts = [];
  let message;
  const events = await untilIdle(stream, (event) => {
    message = accumulateManagedAgentsEvent(message, event);
    if (event.type === 'event_delta') {
      texts.push(words(message));
      isSeen();
    }
  });
  const final = one(events, 'agent.message');
  assert.deepEqual(message, final);
  assert.equal(words(final), PARTS.join(''));
  assert.ok(texts.length >= 1 && PARTS[0].startsWith(texts[0]), texts.join('\n'));
  assert.ok(texts.every((text) => words(final).startsWith(text)), texts.join('\n'));
  const [start] = ofType(events, 'event_start');
  assert.deepEqual(start.event, { id: final.id, type: 'agent.message' });
  const listed = (await lab.events(session)).map(({ type }) => type);
  assert.ok(!listed.includes('event_start') && !listed.includes('event_delta'));
  const wrong = { event_deltas: ['agent.tool_use'] };
  await refused(BadRequestError, () => beta.sessions.events.stream(session.id, wrong));
});
