"""JSON, with what a sound encoder never writes."""

import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Ref:
    """The id of something that is known when the request is sent."""

    kind: str
    whose: str = "own"  # "own", "fresh", "foreign" or "absent"
    which: int = 0


@dataclasses.dataclass(frozen=True)
class Raw:
    """Text that stands in a body as it is."""

    text: str

    def __repr__(self):
        return f"Raw({self.text[:30]!r}, {len(self.text)} characters)"


class Again(str):
    """A key that may stand in an object more than once."""

    __hash__ = object.__hash__

    def __eq__(self, other):
        return self is other


def encode(value, resolve):
    """The JSON text of a value; `resolve` gives the ids of what is referred to."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, Ref):
        return json.dumps(resolve(value))
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(key))}: {encode(item, resolve)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(encode(item, resolve) for item in value) + "]"
    # A lone surrogate becomes its escape.
    return json.dumps(value)


def refs(value):
    """All that a value refers to."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from refs(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from refs(item)
