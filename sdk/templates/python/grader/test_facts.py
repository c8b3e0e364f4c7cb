"""Run with: python3 -m unittest"""

import tempfile
import unittest
from pathlib import Path

import facts
from facts import Judgement, Verdict

RUBRIC = """# Report

- `report.md` exists
* `report.md` has at least 4 words.
  1. `report.md` contains "two "and" three".
"""


class Rubric(unittest.TestCase):
    def test_list_items_are_criteria_with_their_lines(self):
        self.assertEqual([line for line, _ in facts.criteria(RUBRIC)], [3, 4, 5])
        self.assertEqual(facts.criteria(RUBRIC)[0][1], "`report.md` exists")
        self.assertEqual(facts.criteria("# Report\n\nNo list.\n"), [])


class Outputs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.write("report.md", 'One,\ntwo "and" three.\n')

    def write(self, name: str, text: str):
        Path(self.folder, name).write_bytes(text.encode("utf-8"))

    def judge(self, text: str) -> facts.Finding:
        return facts.judge(1, text, self.folder)

    def grade(self, rubric: str) -> tuple:
        found = [facts.judge(*item, self.folder) for item in facts.criteria(rubric)]
        return facts.conclude(found)

    def test_what_meets_every_criterion_is_satisfied(self):
        expected = (Judgement.SATISFIED, "3 of 3 criteria are met.")
        self.assertEqual(self.grade(RUBRIC), expected)

    def test_each_gap_is_named_with_its_line(self):
        rubric = "- `a.md` exists\n- `report.md` has at least 5 words\n- It is good."
        judgement, explanation = self.grade(rubric)
        self.assertEqual(judgement, Judgement.NEEDS_REVISION)
        self.assertEqual(
            explanation,
            "0 of 3 criteria are met.\n"
            "Line 1: `a.md` does not exist.\n"
            "Line 2: `report.md` has 4 words, and 5 are asked for.\n"
            "Line 3: This grader has no check for it.",
        )

    def test_what_cannot_be_judged_is_no_reason_to_revise(self):
        judgement, _ = self.grade("- `report.md` exists\n- It is good.")
        self.assertEqual(judgement, Judgement.FAILED)

    def test_the_file_is_the_evidence(self):
        self.assertEqual(self.judge("`report.md` exists").paths, ["report.md"])

    def test_a_text_that_is_not_there_is_named(self):
        finding = self.judge('`report.md` contains "four"')
        self.assertEqual(finding.verdict, Verdict.UNMET)
        self.assertIn('"four"', finding.explanation)

    def test_what_is_no_text_file_is_unmet(self):
        Path(self.folder, "image.png").write_bytes(b"\xff\xd8")
        for name in ["image.png", ".", "a\0b"]:
            with self.subTest(name):
                finding = self.judge(f"`{name}` has at least 1 word")
                self.assertEqual(finding.verdict, Verdict.UNMET)

    def test_a_path_that_leaves_the_folder_is_unmet_and_no_evidence(self):
        for name in ["../report.md", str(Path(self.folder, "report.md")), "a/../../b"]:
            with self.subTest(name):
                finding = self.judge(f"`{name}` exists")
                self.assertEqual(finding.verdict, Verdict.UNMET)
                self.assertEqual(finding.paths, [])


if __name__ == "__main__":
    unittest.main()
