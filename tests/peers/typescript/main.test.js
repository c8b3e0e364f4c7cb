// Everything, in one process with one server; the routes are looked at when all were asked.

import assert from 'node:assert/strict';

import { answerOf } from './forms.js';
import { isComplete, recorder, test } from './harness.js';
import { routes } from './routes.js';
import './suites/agents.js';
import './suites/deployments.js';
import './suites/dreams.js';
import './suites/environments.js';
import './suites/errors.js';
import './suites/forms.js';
import './suites/memory.js';
import './suites/previews.js';
import './suites/resources.js';
import './suites/sessions.js';
import './suites/skills.js';
import './suites/stories.js';
import './suites/threads.js';
import './suites/vaults.js';
import './suites/webhooks.js';
import './suites/work.js';

test('every route was answered', (context) => {
  const unheard = routes.filter(({ sdkMethod }) => answerOf(sdkMethod) === undefined);
  assert.deepEqual(unheard.map(({ sdkMethod }) => sdkMethod), [], 'the SDK declares no such methods');
  if (!isComplete()) {
    context.skip('only a part of the suite was run');
    return;
  }
  assert.deepEqual(recorder.missing(), []);
  assert.deepEqual([...recorder.unknown], [], 'the SDK asked for what routes.tsv does not have');
});
