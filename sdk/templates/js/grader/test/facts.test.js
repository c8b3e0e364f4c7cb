import assert from "node:assert/strict";
import { test } from "node:test";
import { criteriaOf, evaluate } from "../src/facts.js";

const FILES = { "report.md": "One, two and three.\n", "a/b.txt": "b" };

const OUTPUTS = {
  isFile: (file) => file in FILES || file === "image.png",
  readText(file) {
    if (file in FILES) return FILES[file];
    throw { tag: "failed", val: `${file} is not UTF-8` };
  },
};

const evaluation = (rubric) => evaluate(criteriaOf(rubric), OUTPUTS);
const judged = (text) => evaluation(`- ${text}`).criteria[0];

test("list items are criteria, whatever their mark", () => {
  const rubric = "# Report\n\n- one\r\n  * two \n3. three\n\ntext\n-none\n- \n";
  assert.deepEqual(criteriaOf(rubric), [
    { text: "one", line: 3 },
    { text: "two", line: 4 },
    { text: "three", line: 5 },
  ]);
});

test("a fact is met or unmet", () => {
  for (const [text, verdict, seen] of [
    ["`a/b.txt` exists.", "met", "exists"],
    ["`a` exists", "unmet", "does not exist"],
    [
      "`report.md` has at least 4 words.",
      "met",
      "has 4 words, and 4 are asked for",
    ],
    [
      "`report.md` has at least 5 words",
      "unmet",
      "has 4 words, and 5 are asked for",
    ],
    ['`report.md` contains "and three."', "met", 'contains "and three."'],
    ['`report.md` contains "four".', "unmet", 'does not contain "four"'],
    ['`none.md` contains "four"', "unmet", "does not exist"],
    ["`image.png` exists", "met", "exists"],
    ["`image.png` has at least 1 word", "unmet", "cannot be read (failed)"],
  ]) {
    const file = text.split("`")[1];
    assert.deepEqual(judged(text), {
      text,
      line: 1,
      verdict,
      explanation: `\`${file}\` ${seen}.`,
      evidencePaths: [file],
      required: true,
      weight: 1,
      quotes: [],
    });
  }
});

test("a path that leaves the folder is unmet and no evidence", () => {
  for (const file of ["/etc/passwd", "../x", "a/../../x"]) {
    const { verdict, evidencePaths } = judged(`\`${file}\` exists`);
    assert.deepEqual([verdict, evidencePaths], ["unmet", []]);
  }
});

test("anything else is not gradable", () => {
  for (const text of ["It is good.", "`report.md` exists today", "`` exists"]) {
    assert.equal(judged(text).verdict, "not-gradable");
  }
});

test("the judgement follows from the verdicts, and names each gap", () => {
  const met = "- `report.md` exists\n";
  const unmet = "- `none.md` exists\n";
  const unknown = "- It is good.\n";
  assert.equal(evaluation(met + met).judgement, "satisfied");
  assert.equal(evaluation(met + unknown).judgement, "failed");
  const { judgement, explanation } = evaluation(met + unmet + unknown);
  assert.equal(judgement, "needs-revision");
  assert.match(explanation, /^1 of 3 criteria are met\.$/m);
  assert.match(explanation, /^Line 2: `none\.md` does not exist\.$/m);
  assert.match(explanation, /^Line 3: This grader has no check for it\.$/m);
});
