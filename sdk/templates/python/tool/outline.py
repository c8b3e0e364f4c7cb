"""Finds the headings of a Markdown file. Plain Python, so that plain tests run it."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

INPUT_SCHEMA = {
    "type": "object",
    "properties": {
        "path": {
            "type": "string",
            "description": "Absolute path of a Markdown file, as the agent sees it.",
        }
    },
    "required": ["path"],
}

HEADING = re.compile(r"(#{1,6})(?:[ \t](.*))?")
CLOSING_MARKS = re.compile(r"(^|[ \t])#+$")
FENCE = re.compile(r"\s*(`{3,}|~{3,})")


@dataclass
class Heading:
    level: int
    line: int
    text: str


def read_input(input_json: str) -> str:
    """The path in the input; a ValueError says to the model what is wrong with it."""
    try:
        value = json.loads(input_json)
    except ValueError as error:
        raise ValueError(f"the input is not JSON: {error}")
    if not isinstance(value, dict):
        raise ValueError("the input is not a JSON object")
    path = value.get("path")
    if not isinstance(path, str):
        raise ValueError("`path` is missing or not a string")
    return path


def read_headings(path: str) -> list[Heading]:
    """The headings of a file, read line by line: it may be larger than the memory."""
    with open(path, encoding="utf-8", newline="\n") as file:
        return find_headings(file)


def find_headings(lines: Iterable[str]) -> list[Heading]:
    headings = []
    fence = ""  # The marks that opened the code block we are in.
    for number, line in enumerate(lines, start=1):
        line = line.rstrip("\r\n")
        if fence:
            mark = line.strip()
            if mark.startswith(fence) and not mark.strip(fence[0]):
                fence = ""
        elif opening := FENCE.match(line):
            fence = opening[1]
        elif heading := HEADING.fullmatch(line):
            text = CLOSING_MARKS.sub("", (heading[2] or "").strip()).strip()
            headings.append(Heading(len(heading[1]), number, text))
    return headings


def to_json(path: str, headings: list[Heading]) -> str:
    answer = {"path": path, "headings": [asdict(heading) for heading in headings]}
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
