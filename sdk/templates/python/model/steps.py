"""What the model says next. Plain Python, so that plain tests run it."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Union


@dataclass
class Step:
    """A call of a tool."""

    tool: str
    input_json: str


@dataclass
class Result:
    """What a call gave."""

    text: str
    is_error: bool


def next_turn(
    task: str, results: list[Result], offered: Collection[str]
) -> Union[Step, str]:
    """The next call, or the text that ends the turn.

    A model keeps nothing from turn to turn: how far it is follows from the results.
    """
    plan = steps(task)
    if not plan:
        return "nothing to do"
    if results and results[-1].is_error:
        return f"Step {len(results)} failed: {results[-1].text}"
    if len(results) >= len(plan):
        return results[-1].text
    step = plan[len(results)]
    if step.tool not in offered:
        return f"I have no tool `{step.tool}`."
    return step


def steps(task: str) -> list[Step]:
    """The lines of a task that are a tool's name and a JSON object."""
    found = []
    for line in task.split("\n"):
        tool, _, rest = line.strip().partition(" ")
        if is_object(rest):
            found.append(Step(tool, rest.strip()))
    return found


def is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def tokens(texts: list[str]) -> int:
    """About how many tokens some texts are."""
    return sum(len(text.encode("utf-8")) for text in texts) // 4
