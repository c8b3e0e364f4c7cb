"""Run with: python3 -m unittest"""

import unittest

import steps
from steps import Result, Step

TASK = """Please do this:
outline {"path": "/workspace/notes.md"}
  write  {"path": "/workspace/a.md", "text": "{}"}
not {json, and [1] no object
"""
OFFERED = ["outline", "write"]


class NextTurn(unittest.TestCase):
    def turn(self, *results: Result):
        return steps.next_turn(TASK, list(results), OFFERED)

    def test_the_steps_are_called_one_by_one_and_the_last_result_is_the_answer(self):
        first, second = steps.steps(TASK)
        self.assertEqual(first, Step("outline", '{"path": "/workspace/notes.md"}'))
        self.assertEqual(self.turn(), first)
        self.assertEqual(self.turn(Result("a", False)), second)
        self.assertEqual(self.turn(Result("a", False), Result("b", False)), "b")

    def test_a_step_that_failed_is_the_last(self):
        self.assertEqual(self.turn(Result("no file", True)), "Step 1 failed: no file")

    def test_a_tool_that_is_not_on_offer_is_not_called(self):
        self.assertEqual(
            steps.next_turn("fly {}", [], OFFERED), "I have no tool `fly`."
        )

    def test_without_steps_there_is_nothing_to_do(self):
        for task in ["", "Hello.", "outline", "outline [1]", 'outline {"a":']:
            with self.subTest(task):
                self.assertEqual(steps.next_turn(task, [], OFFERED), "nothing to do")


class Tokens(unittest.TestCase):
    def test_four_bytes_are_a_token(self):
        self.assertEqual(steps.tokens(["", "abc", "éé"]), 1)


if __name__ == "__main__":
    unittest.main()
