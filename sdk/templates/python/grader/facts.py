"""What the grader can judge. Plain Python, so that plain tests run it."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

ITEM = re.compile(r"\s*(?:[-*+]|[0-9]+[.)])\s+(.*\S)\s*")


# Both enums have the names of those in `wit_world.exports.grading`.
class Verdict(Enum):
    MET = "met"
    UNMET = "unmet"
    NOT_GRADABLE = "not gradable"


class Judgement(Enum):
    SATISFIED = "satisfied"
    NEEDS_REVISION = "needs revision"
    FAILED = "failed"


@dataclass
class Finding:
    """What was seen of one criterion."""

    text: str
    line: int
    verdict: Verdict
    explanation: str
    paths: list[str]


def exists(lines: Iterable[str]) -> tuple[bool, str]:
    return True, "exists"


def has_words(lines: Iterable[str], least: str) -> tuple[bool, str]:
    words = sum(len(line.split()) for line in lines)
    return words >= int(least), f"has {words} words, and {least} are asked for"


def contains(lines: Iterable[str], text: str) -> tuple[bool, str]:
    if any(text in line for line in lines):
        return True, "contains the text"
    return False, f'does not contain "{text}"'


# The forms of criteria. A check is given the lines of the file and what else is in
# parentheses. This is the place for your own.
FORMS = [
    (re.compile(r"`([^`]+)` exists\.?"), exists),
    (re.compile(r"`([^`]+)` has at least ([0-9]{1,9}) words?\.?"), has_words),
    (re.compile(r'`([^`]+)` contains "(.+)"\.?'), contains),
]


def criteria(rubric: str) -> list[tuple[int, str]]:
    """The list items of a rubric, each with its line."""
    lines = enumerate(rubric.split("\n"), start=1)
    items = ((number, ITEM.fullmatch(line)) for number, line in lines)
    return [(number, item[1]) for number, item in items if item]


def judge(line: int, text: str, folder: str) -> Finding:
    """Judges one criterion by the files in a folder."""
    for form, check in FORMS:
        if match := form.fullmatch(text):
            name, *arguments = match.groups()
            if name.startswith("/") or ".." in name.split("/"):
                why = f"`{name}` is not in the outputs folder."
                return Finding(text, line, Verdict.UNMET, why, [])
            met, seen = look(os.path.join(folder, name), check, arguments)
            verdict = Verdict.MET if met else Verdict.UNMET
            return Finding(text, line, verdict, f"`{name}` {seen}.", [name])
    why = "This grader has no check for it."
    return Finding(text, line, Verdict.NOT_GRADABLE, why, [])


def look(path: str, check, arguments: list[str]) -> tuple[bool, str]:
    # Line by line: the file may be larger than the memory.
    try:
        with open(path, encoding="utf-8") as lines:
            return check(lines, *arguments)
    except UnicodeDecodeError:
        return False, "is not UTF-8 text"
    except (OSError, ValueError):
        return False, "does not exist"


def conclude(findings: list[Finding]) -> tuple[Judgement, str]:
    """What the findings come to, and a text that names each gap."""
    verdicts = [finding.verdict for finding in findings]
    if Verdict.UNMET in verdicts:
        judgement = Judgement.NEEDS_REVISION
    elif Verdict.NOT_GRADABLE in verdicts:
        judgement = Judgement.FAILED  # No revision would change that.
    else:
        judgement = Judgement.SATISFIED
    met = verdicts.count(Verdict.MET)
    gaps = [
        f"Line {finding.line}: {finding.explanation}"
        for finding in findings
        if finding.verdict != Verdict.MET
    ]
    summary = f"{met} of {len(findings)} criteria are met."
    return judgement, "\n".join([summary, *gaps])
