// beta.models, beta.skills and beta.skills.versions.

import assert from 'node:assert/strict';
import { BadRequestError, NotFoundError, toFile } from '@anthropic-ai/sdk';

import { beta, test } from '../harness.js';
import { ABSENT, all, ids, paged, refused, unique } from '../support.js';

/** The one file of a skill, in a folder of its name. */
async function files(name, description = 'How to do it.') {
  const text = `---\nname: ${name}\ndescription: ${description}\n---\n\n# ${name}\n`;
  return [await toFile(Buffer.from(text), `${name}/SKILL.md`, { type: 'text/markdown' })];
}

const newName = () => unique('skill').replace(' ', '-');

test('there is a model for every plugin, and models come in pages', async () => {
  const models = await ids(beta.models.list());
  assert.ok(models.includes('plugin:echo') && models.includes('plugin:script'));
  const pages = await all((await beta.models.list({ limit: 1 })).iterPages());
  assert.deepEqual(pages.flatMap(({ data }) => data.map(({ id }) => id)), models);
  const second = await beta.models.list({ limit: 1, after_id: models[0] });
  assert.deepEqual(second.data.map(({ id }) => id), models.slice(1, 2));
  assert.equal((await beta.models.retrieve('plugin:echo')).id, 'plugin:echo');
  await refused(NotFoundError, () => beta.models.retrieve('plugin:nobody-has-it'));
});

test('a skill has versions, which are downloaded', async () => {
  const name = newName();
  const skill = await beta.skills.create({ files: await files(name), display_name: 'Mine' });
  assert.match(skill.id, /^skill_/);
  assert.deepEqual(await beta.skills.retrieve(skill.id), skill);
  const { versions } = beta.skills;
  const where = { skill_id: skill.id };
  const first = await versions.retrieve('latest', where);
  assert.deepEqual([first.id, first.name], [skill.latest_version_id, name]);
  const second = await versions.create(skill.id, { files: await files(name, 'Better.') });
  assert.equal(second.description, 'Better.');
  const listed = (await paged((page) => versions.list(skill.id, page), 1)).map(({ id }) => id);
  assert.deepEqual(listed.sort(), [first.id, second.id].sort());
  const archive = Buffer.from(await (await versions.download(first.id, where)).arrayBuffer());
  assert.equal(archive.subarray(0, 2).toString(), 'PK');
  assert.ok(archive.includes(`${name}/SKILL.md`));
  const deleted = await versions.delete(first.id, where);
  assert.deepEqual(deleted, { id: first.id, type: 'skill_version_deleted' });
  await refused(NotFoundError, () => versions.retrieve(first.id, where));
});

test('skills are listed and deleted', async () => {
  const made = [];
  for (let count = 0; count < 3; count += 1) {
    made.push((await beta.skills.create({ files: await files(newName()) })).id);
  }
  const listed = (await paged((page) => beta.skills.list(page))).map(({ id }) => id);
  assert.ok(made.every((id) => listed.includes(id)));
  assert.deepEqual(await beta.skills.delete(made[0]), { id: made[0], type: 'skill_deleted' });
  await refused(NotFoundError, () => beta.skills.retrieve(`skill_${ABSENT}`));
  const wrong = [await toFile(Buffer.from('x'), 'a/OTHER.md')];
  await refused(BadRequestError, () => beta.skills.create({ files: wrong }));
});
