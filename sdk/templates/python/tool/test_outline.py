"""Run with: python3 -m unittest"""

import unittest
from pathlib import Path

import outline
from outline import Heading

SAMPLE = Path(__file__).with_name("sample") / "notes.md"


class Headings(unittest.TestCase):
    def test_the_sample_is_outlined_as_compact_json(self):
        headings = outline.read_headings(str(SAMPLE))
        self.assertEqual(
            outline.to_json("/workspace/notes.md", headings),
            '{"path":"/workspace/notes.md","headings":['
            '{"level":1,"line":1,"text":"Notes"},'
            '{"level":2,"line":5,"text":"Method"},'
            '{"level":2,"line":12,"text":"Results"},'
            '{"level":3,"line":14,"text":"The \\"fast\\" way"}]}',
        )

    def test_a_heading_is_one_to_six_marks_and_a_space(self):
        lines = ["###### six", "####### seven", "#tag", "#", "# a # b ##", "# c#\r\n"]
        self.assertEqual(
            outline.find_headings(lines),
            [
                Heading(6, 1, "six"),
                Heading(1, 4, ""),
                Heading(1, 5, "a # b"),
                Heading(1, 6, "c#"),
            ],
        )

    def test_code_blocks_are_skipped(self):
        lines = ["```sh", "# a", "~~~", "```", "# b", "~~~~", "# c", "~~~", "# d"]
        self.assertEqual(outline.find_headings(lines), [Heading(1, 5, "b")])


class Input(unittest.TestCase):
    def test_the_path_is_read(self):
        self.assertEqual(outline.read_input('{"path": "/a.md", "more": 1}'), "/a.md")

    def test_what_does_not_fit_the_schema_is_named(self):
        for text in ["", "{", "null", "[]", "{}", '{"path": 1}']:
            with self.subTest(text), self.assertRaises(ValueError):
                outline.read_input(text)


if __name__ == "__main__":
    unittest.main()
