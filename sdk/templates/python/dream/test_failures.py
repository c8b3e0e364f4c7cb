"""Run with: python3 -m unittest"""

import json
import unittest

from failures import Entry, Event, Failure, Failures, Quote, duplicates


def session(number: int, *calls: tuple) -> tuple:
    """A session with calls: a tool, what it said, and whether it failed."""
    events = []
    for tool, text, is_error in calls:
        use, result = f"sevt_{number}_{len(events)}", f"sevt_{number}_{len(events) + 1}"
        content = [{"type": "text", "text": text}]
        bodies = [
            {"id": use, "type": "agent.tool_use", "name": tool, "input": {}},
            {
                "id": result,
                "type": "agent.tool_result",
                "tool_use_id": use,
                "content": content,
                "is_error": is_error,
            },
        ]
        for body in bodies:
            body_json = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            events.append(Event(body["id"], body["type"], body_json))
    return f"sesn_{number}", events


def read(*sessions: tuple) -> Failures:
    failures = Failures()
    for session_id, events in sessions:
        failures.read(session_id, events)
    return failures


class Duplicates(unittest.TestCase):
    def test_what_differs_in_case_and_space_is_the_same_and_the_first_stays(self):
        entries = [
            Entry("c", "/b.md", 0, "- The door  is OPEN"),
            Entry("b", "/a.md", 9, "- the door is open"),
            Entry("d", "/a.md", 10, "- The door is\n  open "),
            Entry("a", "/a.md", 1, "- The door is shut"),
        ]
        self.assertEqual(duplicates(entries), [["b", "d", "c"]])


class Frequent(unittest.TestCase):
    def test_what_fails_alike_in_three_sessions_is_found_with_a_quote_from_each(self):
        found = read(
            *[
                session(n, ("fly", 'no "fuel"\nat all', True), ("fly", "", True))
                for n in range(3)
            ],
            session(3, ("fly", 'no "fuel"', False), ("scan", "dark", True)),
        )
        quotes = [Quote(f"sesn_{n}", f"sevt_{n}_1", 'no \\"fuel\\"') for n in range(3)]
        failure = Failure("fly", 'no "fuel"', quotes)
        self.assertEqual(found.frequent(""), [failure])
        self.assertEqual(
            failure.entry(), '- Tool `fly` failed in 3 sessions with: no "fuel"'
        )

    def test_every_quote_stands_in_its_event(self):
        sessions = [
            session(n, ("fly", '\tü "\\ \x01' + "é" * 300, True)) for n in range(3)
        ]
        [failure] = read(*sessions).frequent("")
        self.assertEqual(len(failure.text), 200)
        for (_, events), quote in zip(sessions, failure.quotes):
            self.assertIn(quote.text, events[1].body_json)
        self.assertIn('ü "\\  é', failure.entry())

    def test_twice_in_one_session_counts_once(self):
        found = read(
            session(0, ("fly", "no fuel", True)),
            session(1, ("fly", "no fuel", True), ("fly", "no fuel", True)),
        )
        self.assertEqual(found.frequent(""), [])

    def test_instructions_that_name_a_tool_leave_the_others_out(self):
        calls = [
            ("fly", "no fuel", True),
            ("scan", "dark", True),
            ("look", "a rock", False),
        ]
        found = read(*[session(n, *calls) for n in range(3)])

        def tools(instructions: str) -> list:
            return [failure.tool for failure in found.frequent(instructions)]

        self.assertEqual(tools("Tidy up."), ["fly", "scan"])
        self.assertEqual(tools("What about scan?"), ["scan"])
        self.assertEqual(tools("What about look?"), [])


if __name__ == "__main__":
    unittest.main()
