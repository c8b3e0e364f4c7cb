// The check of forms itself: what the SDK does not declare is found.

import assert from 'node:assert/strict';

import { answerOf, problems } from '../forms.js';
import { test } from '../harness.js';

const FILE = {
  id: 'file_1',
  type: 'file',
  filename: 'a.txt',
  mime_type: 'text/plain',
  size_bytes: 1,
  created_at: '2026-01-01T00:00:00Z',
};

const wrongIn = (sdkMethod, value) => problems(value, answerOf(sdkMethod).json);

test('what fits a declared type has no problems', () => {
  assert.deepEqual(wrongIn('beta.files.retrieve_metadata', FILE), []);
  assert.deepEqual(wrongIn('beta.files.list', { data: [FILE], next_page: null }), []);
  assert.deepEqual(wrongIn('beta.environments.work.poll', null), []);
});

test('a field that is missing, of another type or unknown is a problem', () => {
  const { filename, ...nameless } = FILE;
  assert.equal(filename, 'a.txt');
  for (const [wrong, place] of [
    [nameless, '$.filename is missing'],
    [{ ...FILE, filename: null }, '$.filename is null'],
    [{ ...FILE, size_bytes: '1' }, '$.size_bytes is "1"'],
    [{ ...FILE, type: 'folder' }, '$.type is "folder"'],
    [{ ...FILE, created_at: 'yesterday' }, '$.created_at is "yesterday"'],
    [{ ...FILE, downloadable: null }, '$.downloadable is null'],
    [{ ...FILE, colour: 'red' }, '$.colour is nothing'],
    [[FILE], '$ is ['],
    [null, '$ is null'],
  ]) {
    const found = wrongIn('beta.files.retrieve_metadata', wrong);
    assert.equal(found.length, 1, found.join('\n'));
    assert.ok(found[0].startsWith(place), found[0]);
  }
});

test('what is wrong with one of several types is told of the one that was meant', () => {
  const event = { id: 'sevt_1', type: 'user.message', processed_at: null };
  const found = wrongIn('beta.sessions.events.list', { data: [event], next_page: null });
  assert.deepEqual(found, ['$.data[0].content is missing']);
  const nobody = { ...event, type: 'user.nonsense' };
  const other = wrongIn('beta.sessions.events.list', { data: [nobody], next_page: null });
  assert.match(other[0], /^\$\.data\[0\] is .*user\.nonsense/);
});
