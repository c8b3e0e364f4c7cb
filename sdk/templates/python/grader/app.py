"""The plugin as Lucid sees it: checks a rubric, and judges the outputs by it.

How a criterion is judged is in facts.py: that is the place for your own code.
"""

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import grading
from wit_world.imports import log

import facts


class Grading(exports.Grading):
    def check_rubric(self, rubric: str) -> None:
        if mistake := mistake_in(rubric):
            raise Err(mistake)

    def grade(self, request: grading.Request) -> grading.Evaluation:
        # An `Err` is an answer. Any other exception ends the plugin.
        if mistake := mistake_in(request.rubric):
            raise Err(grading.GradeError_InvalidRubric(mistake))
        findings = [
            facts.judge(line, text, request.outputs_path)
            for line, text in facts.criteria(request.rubric)
        ]
        judgement, explanation = facts.conclude(findings)
        log.write(log.Level.DEBUG, f"judged {len(findings)} criteria")
        return grading.Evaluation(
            judgement=grading.Judgement[judgement.name],
            explanation=explanation,
            criteria=[criterion(finding) for finding in findings],
        )


def mistake_in(rubric: str) -> grading.RubricMistake | None:
    if facts.criteria(rubric):
        return None
    return grading.RubricMistake(line=1, message="the rubric has no list items")


def criterion(finding: facts.Finding) -> grading.Criterion:
    return grading.Criterion(
        text=finding.text,
        line=finding.line,
        required=True,
        weight=1.0,
        verdict=grading.Verdict[finding.verdict.name],
        explanation=finding.explanation,
        evidence_paths=finding.paths,
        quotes=[],
    )
