// The grader, as the host sees it. Your own criteria go into `facts.js`, which
// knows nothing of Lucid and is tested with `npm test`.
import "./console.js";
import { criteriaOf, evaluate } from "./facts.js";
import { isFile, readText } from "./files.js";

const NO_CRITERIA = { line: 1, message: "the rubric has no list items" };

export const grading = {
  checkRubric(rubric) {
    if (criteriaOf(rubric).length === 0) throw NO_CRITERIA;
  },

  grade({ rubric, iteration, outputsPath }) {
    const criteria = criteriaOf(rubric);
    if (criteria.length === 0) {
      throw { tag: "invalid-rubric", val: NO_CRITERIA };
    }
    const outputs = {
      isFile: (file) => isFile(`${outputsPath}/${file}`),
      readText: (file) => readText(`${outputsPath}/${file}`),
    };
    const evaluation = evaluate(criteria, outputs);
    console.debug(`evaluation ${iteration}: ${evaluation.judgement}`);
    return evaluation;
  },
};
