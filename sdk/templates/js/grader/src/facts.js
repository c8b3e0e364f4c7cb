// What the grader can tell, in plain JavaScript. `outputs` has two functions
// that take a path in the outputs folder: `isFile` and `readText`.

// What a criterion may say about a file that exists, and what there is to see.
const FACTS = [
  {
    form: /^`([^`]+)` exists$/,
    look: () => ({ met: true, seen: "exists" }),
  },
  {
    form: /^`([^`]+)` has at least (\d+) words?$/,
    look(text, least) {
      const words = text().match(/\S+/g)?.length ?? 0;
      return {
        met: words >= Number(least),
        seen: `has ${words} words, and ${least} are asked for`,
      };
    },
  },
  {
    form: /^`([^`]+)` contains "(.+)"$/,
    look(text, part) {
      const met = text().includes(part);
      const verb = met ? "contains" : "does not contain";
      return { met, seen: `${verb} "${part}"` };
    },
  },
];

/** Lists what a rubric asks for: its list items as `{ text, line }`. */
export function criteriaOf(rubric) {
  return rubric.split(/\r?\n/).flatMap((content, index) => {
    const item = /^\s*(?:[-*+]|\d+[.)])\s+(\S.*)$/s.exec(content);
    return item ? [{ text: item[1].trimEnd(), line: index + 1 }] : [];
  });
}

/** Judges the outputs by all criteria. */
export function evaluate(criteria, outputs) {
  const whole = { required: true, weight: 1, quotes: [] };
  const judged = criteria.map((criterion) => ({
    ...whole,
    ...judge(criterion, outputs),
  }));
  const gaps = judged.filter(({ verdict }) => verdict !== "met");
  const met = judged.length - gaps.length;
  return {
    judgement: judgementOf(gaps),
    explanation: [
      `${met} of ${judged.length} criteria are met.`,
      ...gaps.map((gap) => `Line ${gap.line}: ${gap.explanation}`),
    ].join("\n"),
    criteria: judged,
  };
}

// An agent can revise what is unmet. What nobody can judge is a mistake in the
// rubric.
function judgementOf(gaps) {
  if (gaps.length === 0) return "satisfied";
  const unmet = gaps.some(({ verdict }) => verdict === "unmet");
  return unmet ? "needs-revision" : "failed";
}

function judge(criterion, outputs) {
  const sentence = criterion.text.replace(/\.$/, "");
  for (const { form, look } of FACTS) {
    const match = form.exec(sentence);
    if (!match) continue;
    const [, file, value] = match;
    if (leavesFolder(file)) {
      const explanation = `\`${file}\` is not in the outputs folder.`;
      return { ...criterion, verdict: "unmet", explanation, evidencePaths: [] };
    }
    const { met, seen } = lookAt(file, outputs, (text) => look(text, value));
    return {
      ...criterion,
      verdict: met ? "met" : "unmet",
      explanation: `\`${file}\` ${seen}.`,
      evidencePaths: [file],
    };
  }
  const explanation = "This grader has no check for it.";
  return {
    ...criterion,
    verdict: "not-gradable",
    explanation,
    evidencePaths: [],
  };
}

function leavesFolder(file) {
  return file.startsWith("/") || file.split("/").includes("..");
}

function lookAt(file, outputs, look) {
  try {
    if (!outputs.isFile(file)) return { met: false, seen: "does not exist" };
    return look(() => outputs.readText(file));
  } catch (error) {
    if (!error.tag) throw error;
    return { met: false, seen: `cannot be read (${error.tag})` };
  }
}
