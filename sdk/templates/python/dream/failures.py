"""What the dream finds. Plain Python, so that plain tests run it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

SESSIONS_MIN = 3
QUOTES_MAX = 10
TEXT_CHARACTERS_MAX = 200

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff]")


@dataclass
class Entry:
    """An entry of the memory that is no heading."""

    id: str
    path: str
    index: int
    text: str


@dataclass
class Event:
    """An event of a session."""

    id: str
    kind: str
    body_json: str


@dataclass
class Quote:
    """Text that stands in the body of an event, byte for byte."""

    session_id: str
    event_id: str
    text: str


@dataclass
class Failure:
    """How a tool failed, with a quote from each session in which it did."""

    tool: str
    text: str
    quotes: list[Quote]

    def entry(self) -> str:
        text = CONTROL.sub(" ", self.text)
        sessions = len(self.quotes)
        return f"- Tool `{self.tool}` failed in {sessions} sessions with: {text}"


def duplicates(entries: Iterable[Entry]) -> list[list[str]]:
    """The ids of entries that say the same, the first of each group first."""
    groups: dict[str, list[str]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.path, entry.index)):
        groups.setdefault(normal(entry.text), []).append(entry.id)
    return [ids for ids in groups.values() if len(ids) > 1]


def normal(text: str) -> str:
    """The text without what makes no difference: case and white space."""
    return " ".join(text.lower().split())


@dataclass
class Failures:
    """The failed calls of all sessions, which are read one after the other."""

    tools: set[str] = field(default_factory=set)
    found: dict[tuple[str, str], Failure] = field(default_factory=dict)

    def read(self, session_id: str, events: Iterable[Event]) -> None:
        # The tool of each call, by the id of the event that asks for it.
        calls: dict[str, str] = {}
        seen = set()
        for event in events:
            if event.kind == "agent.tool_use":
                calls[event.id] = json.loads(event.body_json)["name"]
            elif event.kind == "agent.tool_result":
                body = json.loads(event.body_json)
                tool, text = calls.get(body.get("tool_use_id")), error_text(body)
                if tool and text and (tool, text) not in seen:
                    seen.add((tool, text))
                    quote = Quote(session_id, event.id, as_in_json(text))
                    failure = Failure(tool, text, [])
                    self.found.setdefault((tool, text), failure).quotes.append(quote)
        self.tools.update(calls.values())

    def frequent(self, instructions: str) -> list[Failure]:
        """Those worth a note: of tools that the instructions name, or else of all."""
        named = {tool for tool in self.tools if tool in instructions}
        return [
            failure
            for (tool, _), failure in sorted(self.found.items())
            if len(failure.quotes) >= SESSIONS_MIN and tool in (named or self.tools)
        ]


def error_text(body: dict) -> str:
    """The first line of what a failed call said; empty where it did not fail."""
    if not body.get("is_error"):
        return ""
    texts = [block["text"] for block in body["content"] if block["type"] == "text"]
    first_line = "\n".join(texts).strip().split("\n")[0]
    return first_line[:TEXT_CHARACTERS_MAX].strip()


def as_in_json(text: str) -> str:
    """The text as it stands in an event: with escapes, without the marks around it."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
