"""Run with: python3 -m unittest"""

import json
import tempfile
import unittest
from pathlib import Path

import calls
import series

SAMPLE = Path(__file__).with_name("sample") / "bread.csv"


def call(tool: str, **given) -> dict:
    return json.loads(calls.call(tool, json.dumps(given)))


class Calls(unittest.TestCase):
    def column(self, name: str, **where) -> dict:
        return {"path": str(SAMPLE), "column": name, "where": where}

    def test_numbers_come_from_the_input_or_from_a_file(self):
        written = call("summary", values=[12, 15, None, 18])
        read = call("summary", values=self.column("sold", shop="North"))
        self.assertEqual(
            (written["n"], written["missing"], written["mean"]), (3, 1, 15)
        )
        self.assertEqual(written, read)

    def test_days_are_numbers(self):
        result = call(
            "trend", y=[1, 3, 5], x=["2026-02-27", "2026-02-28", "2026-03-01"]
        )
        self.assertAlmostEqual(result["slope"], 2)
        by_file = call(
            "trend",
            x=self.column("day", shop="North"),
            y=self.column("sold", shop="North"),
        )
        self.assertAlmostEqual(by_file["slope"], 27 / 14)

    def test_pairs_with_a_gap_are_left_out(self):
        result = call("correlation", x=[1, 2, None, 3, 4, 5], y=[2, 4, 5, None, 8, 10])
        self.assertEqual((result["n"], result["pearson"]), (4, 1))

    def test_a_list_in_where_is_any_of_them(self):
        both = call("summary", values=self.column("sold", shop=["North", "South"]))
        self.assertEqual((both["n"], both["max"]), (7, 40))

    def test_groups_of_a_file_are_compared(self):
        a, b = self.column("sold", shop="North"), self.column("sold", shop="South")
        result = call("compare", a=a, b=b)
        self.assertEqual(
            (result["n_a"], result["n_b"], result["difference"]), (3, 4, 20)
        )
        self.assertTrue(result["permutation"]["exact"])

    def test_what_makes_no_sense_is_named(self):
        for tool, text, says in [
            ("summary", "", "not JSON"),
            ("summary", "[]", "not a JSON object"),
            ("summary", "{}", "`values` is missing"),
            ("summary", '{"values": [NaN]}', "NaN is no number"),
            ("summary", '{"values": [1e999]}', "too large"),
            ("summary", '{"values": [true]}', "no number"),
            ("summary", '{"values": ["1_000"]}', "no number"),
            ("summary", '{"values": ["2026-02-30"]}', "no day"),
            ("summary", '{"values": [[1]]}', "no number"),
            ("summary", '{"values": 1}', "a list of numbers"),
            ("summary", '{"values": [1], "more": 2}', "no input 'more'"),
            ("summary", '{"values": {"path": "/a"}}', "`column`"),
            ("summary", '{"values": {"path": "a", "column": "b"}}', "absolute"),
            (
                "summary",
                '{"values": {"path": "/a", "column": "b", "where": {"c": 1}}}',
                "where",
            ),
            ("trend", '{"y": [1, 2, 3], "x": [1, 2]}', "in pairs"),
            ("outliers", '{"values": [1, 2, 3], "threshold": 0}', "`threshold`"),
            (
                "compare",
                '{"a": [1, 2], "b": [3, 5], "permutations": 20001}',
                "`permutations`",
            ),
            ("compare", '{"a": [1, 2], "b": [3, 5], "seed": 1.5}', "`seed`"),
        ]:
            with self.subTest(text), self.assertRaisesRegex(ValueError, says):
                calls.call(tool, text)

    def test_a_tool_that_there_is_not(self):
        with self.assertRaises(calls.UnknownTool):
            calls.call("median", "{}")


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "t.csv"

    def read(self, content: str | bytes, column: str = "a") -> series.Series:
        data = content.encode() if isinstance(content, str) else content
        self.path.write_bytes(data)
        return series.read({"path": str(self.path), "column": column}, "values")

    def test_delimiters_marks_and_gaps_are_understood(self):
        for content in [
            "a,b\n1,x\n,y\n\n2.5,z\n",
            "\ufeffa;b\r\n1;x\r\n;y\r\n2.5;z",
            "b\ta\nx\t1\n\t\ny\t2.5",
        ]:
            self.assertEqual(self.read(content), [1, None, 2.5])

    def test_what_cannot_be_read_says_why(self):
        for content, error, says in [
            ("a,b\n1\n", series.Unreadable, "row 2"),
            (b"a\n\xff\n", series.Unreadable, "UTF-8"),
            ("a\nx\n", ValueError, "row 2 of `a` is 'x'"),
            ("b\n1\n", ValueError, "no column 'a'; it has `b`"),
            ("", ValueError, "no column"),
        ]:
            with self.subTest(content), self.assertRaisesRegex(error, says):
                self.read(content)

    def test_a_file_that_is_not_there(self):
        for path in ["/nowhere/t.csv", "/"]:
            with self.subTest(path), self.assertRaises(series.Missing):
                series.read({"path": path, "column": "a"}, "values")


if __name__ == "__main__":
    unittest.main()
