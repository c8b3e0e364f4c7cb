"""What is done to a sound value, so that it is one no longer."""

import copy
import functools
import json

from hypothesis import strategies as st

from .encode import Again, Raw

HUGE = ["1e400", "-1e400", "1" + "0" * 400, "-0", "1e-999", str(2**31), str(2**63), str(-(2**63))]
HUGE += [str(2**64), str(2**53 + 1), "4294967296", "0.1", "-1", "1E+2", "NaN", "Infinity"]
DEEP = ["[" * 100 + "]" * 100, "[" * 10_000 + "]" * 10_000, '{"a":' * 5_000 + "1" + "}" * 5_000]
DEEP += ["[" * 100_000]
ODD_TEXTS = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\x01\x02\x1b[31m\x7f",
    "\u2028\u2029\u202e\ufeff",
    "\ud800",
    "\udfff\ud800",
    "e\u0301",
    "../../../etc/passwd",
    "/../a",
    "/a/../../b",
    "/a//b/./c",
    "%2e%2e%2f",
    "..\\..\\a",
    "file:///etc/passwd",
    "'; DROP TABLE documents; --",
    "{{7*7}}${x}",
    "0",
    "null",
    "\U0010ffff",
]
LONG_TEXTS = ["x" * 100_000, "/" + "a/" * 50_000, "\u00e9" * 70_000, "{" * 100_000, "\x00" * 40_000]
OTHERS = [None, True, False, 0, -1, 1.5, "", "text", [], {}, [None], {"type": None}, [[]], [{}]]


def pick(values):
    """One of some values, which may be too large for hypothesis to look at."""
    return st.integers(0, len(values) - 1).map(values.__getitem__)


def broken(sound, most=2):
    """The values of a strategy, some of them broken."""
    return st.builds(apply, sound, st.lists(changes(), max_size=most))


@functools.lru_cache(maxsize=None)
def changes():
    """One thing that is done to one place of a value."""
    whats = st.one_of(
        st.tuples(st.just("drop"), st.none()),
        st.tuples(st.just("put"), pick(OTHERS)),
        st.tuples(st.just("put"), pick([Raw(text) for text in HUGE])),
        st.tuples(st.just("put"), pick([Raw(text) for text in DEEP])),
        st.tuples(st.just("put"), pick(ODD_TEXTS)),
        st.tuples(st.just("put"), pick(LONG_TEXTS)),
        st.tuples(st.just("put"), st.text(max_size=30)),
        st.tuples(st.just("put"), st.integers()),
        st.tuples(st.just("wrap"), st.none()),
        st.tuples(st.just("many"), pick([2, 30, 300])),
        st.tuples(st.just("rename"), pick(["", "Type", "type ", "id", "\x00", "x" * 10_000])),
        st.tuples(st.just("add"), pick(["extra", "__proto__", "type", "\ud800", "x" * 10_000])),
        st.tuples(st.just("again"), pick(OTHERS)),
    )
    return st.tuples(st.integers(0, 60), whats)


def apply(value, changes):
    """A value after some changes."""
    value = [copy.deepcopy(value)]
    for at, (what, argument) in changes:
        spots = list(places(value))
        holder, key = spots[at % len(spots)]
        change(holder, key, what, argument)
        if not value:
            return Raw("")
    return value[0]


def places(holder):
    """Every place in a value: what holds it, and under which key."""
    keys = list(holder) if isinstance(holder, dict) else range(len(holder))
    for key in keys:
        yield holder, key
        if isinstance(holder[key], (dict, list)):
            yield from places(holder[key])


def change(holder, key, what, argument):
    """Does one thing to one place."""
    item, argument = holder[key], copy.deepcopy(argument)
    if what == "drop":
        del holder[key]
    elif what == "put":
        holder[key] = argument
    elif what == "wrap":
        holder[key] = [item]
    elif what == "many":
        # So often that limits are met, in a body that is not too large.
        size = len(item) if isinstance(item, str) else len(repr(item))
        holder[key] = [item] * min(argument, 1 + 1_000_000 // (size + 1))
    elif what == "rename" and isinstance(holder, dict):
        holder[argument] = holder.pop(key)
    elif what == "add" and isinstance(item, dict):
        item[argument] = item.get(argument, 1) and 1
    elif what == "again" and isinstance(holder, dict):
        holder[Again(key)] = argument


@functools.lru_cache(maxsize=None)
def texts():
    """Bodies that are not JSON, or not of an object."""
    return pick(
        [
            b"",
            b" ",
            b"null",
            b"[]",
            b'"text"',
            b"0",
            b"{",
            b'{"name": "a"',
            b'{"name": "a"} x',
            b"{'name': 'a'}",
            b'{"name": "a",}',
            b"\xef\xbb\xbf{}",
            '{"name": "a"}'.encode("utf-16"),
            b'{"name": "\xff\xfe"}',
            b'{"name": "\xed\xa0\x80"}',
            b'{"name": "a\x00"}',
            b'{"name": "\\u0000"}',
            b'{"name": "\\ud800"}',
            b"\x00" * 1_000,
            b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
            json.dumps({str(n): n for n in range(20_000)}).encode(),
            b"[" * 200_000,
        ]
    )
