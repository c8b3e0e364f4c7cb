// One server for the whole run, clients whose answers are looked at, and `test`.

import assert from 'node:assert/strict';
import nodeTest, { after } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';

import { Recorder } from './recorder.js';
import { Server } from './server.js';

const TEST_MS_MAX = 120_000;

export const server = await Server.start();
export const recorder = new Recorder();

/** A client whose answers are looked at. */
export function makeClient(options = {}) {
  return new Anthropic({
    baseURL: server.url,
    apiKey: 'x',
    fetch: recorder.fetch,
    maxRetries: 0,
    timeout: 60_000,
    ...options,
  });
}

export const client = makeClient();
export const { beta } = client;

const counts = { declared: 0, run: 0 };

/** A test, which fails as well when an answer had another form than the SDK declares. */
export function test(name, body) {
  counts.declared += 1;
  nodeTest(name, { timeout: TEST_MS_MAX }, async (context) => {
    counts.run += 1;
    try {
      await body(context);
      assert.deepEqual(recorder.takeWrong(), []);
    } catch (error) {
      recorder.takeWrong().forEach((wrong) => context.diagnostic(wrong));
      context.diagnostic(`the server's log: ${server.said()}`);
      throw error;
    }
  });
}

/** Whether every test that was declared is run, up to now. */
export const isComplete = () => counts.run === counts.declared;

after(async () => assert.equal(await server.stop(), 0, server.said()));
