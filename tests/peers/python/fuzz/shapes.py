"""Values of the SDK's types: what a sound client might send."""

import datetime
import functools
import os
import typing

import typing_extensions
from hypothesis import strategies as st

from .encode import Ref
from .schema import members, plain

# Deeper than this only what must be there is.
FULL_DEPTH = 2
LONG = 3

# The kind of thing whose id stands under a name.
ID_KINDS = {
    "agent": "agent",
    "agent_id": "agent",
    "agents": "agent",
    "predefined_agents": "agent",
    "api_key_id": "api_key",
    "custom_tool_use_id": "event",
    "deployment_id": "deployment",
    "environment_id": "environment",
    "file_id": "file",
    "id": "agent",
    "ids": "file",
    "memory_id": "memory",
    "memory_store_id": "memory_store",
    "scope_id": "session",
    "session_id": "session",
    "session_ids": "session",
    "session_thread_id": "thread",
    "skill_id": "skill",
    "tool_use_id": "event",
    "vault_ids": "vault",
}

URLS = ["https://a.invalid/mcp", "https://b.invalid", "http://127.0.0.1:1/", "http://[::1]:1/x"]

# What stands under a name, where any text would be refused at once.
TEXTS = {
    "after_id": ["plugin:echo", "x"],
    "allowed_domains": ["a.invalid"],
    "allowed_hosts": ["a.invalid", "*.b.invalid"],
    "amount": ["1", "0.5", "100.00"],
    "authorization_token": ["a token"],
    "before_id": ["plugin:script", "x"],
    "blocked_domains": ["b.invalid"],
    "content_sha256": ["0" * 64, "f" * 63],
    "country": ["DE"],
    "data": ["aGVsbG8=", "hello"],
    "expected_content_sha256": ["0" * 64],
    "expected_last_heartbeat": ["NO_HEARTBEAT", "2026-01-01T00:00:00Z"],
    "expression": ["0 9 1 1 *", "@daily", "*/5 * * * *", "0 0 31 2 *"],
    "mcp_server_name": ["tools"],
    "mcp_server_url": URLS,
    "media_type": ["image/png", "text/plain", "application/pdf"],
    "metadata": ["a"],
    "model": ["plugin:echo", "plugin:script", "strategy:consolidate"],
    "mount_path": ["notes.txt", "/mnt/session/uploads/a.txt", "/workspace/repo"],
    "name": ["one", "two words", "look"],
    "path": ["/a.md", "/b/c.md", "/b", "/\u00e9.md"],
    "path_prefix": ["/", "/b/", "/b"],
    "secret_name": ["API_TOKEN", "_X9"],
    "system": ["say One.", 'call look {"a": 1}\nsay {result}', "say One.\nsay Two."],
    "timezone": ["UTC", "Europe/Berlin"],
    "token_endpoint": URLS,
    "url": URLS,
}

TIMES = ["2026-01-01T00:00:00Z", "2030-06-30T23:59:60.123456Z", "1969-12-31T23:59:59+23:59"]
CURSORS = ["page_x", "bm90IGEgY3Vyc29y"]


def texts(name):
    """Texts that may stand under a name."""
    if name in ID_KINDS:
        return refs(ID_KINDS[name])
    if name == "page":
        return st.sampled_from(CURSORS) | st.builds(Ref, st.just("cursor"), which=st.integers(0, 7))
    if name in TEXTS:
        return st.sampled_from(TEXTS[name])
    if name.startswith("created_at") or name == "expires_at":
        return st.sampled_from(TIMES)
    return st.sampled_from(["text", "A sentence.", "\u00fcber \U0001f600", ""])


def refs(kind):
    """Ids of a kind; the caller's own mostly."""
    whose = st.sampled_from(["own"] * 6 + ["foreign", "absent"])
    return st.builds(Ref, st.just(kind), whose, st.integers(0, 7))


SIMPLE = {
    bool: st.booleans(),
    int: st.sampled_from([0, 1, 2, 5, 20, 60, 100, 500, 1000, 3600]),
    float: st.sampled_from([0.0, 0.5, 1.0]),
    object: st.sampled_from(["text", 1, None, {"type": "string"}, ["a"]]),
    type(None): st.none(),
    datetime.datetime: st.sampled_from(TIMES),
}


@functools.lru_cache(maxsize=None)
def values(hint, name, depth=0):
    """Values of a type that stand under a name."""
    hint = plain(hint)
    origin, arguments = typing_extensions.get_origin(hint), typing_extensions.get_args(hint)
    if hint is str:
        return texts(name)
    if hint in SIMPLE:
        return SIMPLE[hint]
    if typing_extensions.is_typeddict(hint):
        return objects(hint, depth)
    if origin in (typing.Literal, typing_extensions.Literal):
        return st.sampled_from(arguments)
    if origin is dict or origin is getattr(typing, "Mapping", None):
        items = values(arguments[1], name, depth + 1)
        return st.dictionaries(st.sampled_from(["a", "b", "key"]), items, max_size=LONG)
    union = members(hint)
    if not union:
        raise TypeError(f"{name} has the type {hint}, which no values are made of")
    if origin is typing.Union or "UnionType" in str(origin):
        # Files and streams are sent as parts, never in JSON.
        union = [m for m in union if m not in (bytes, os.PathLike)]
        return st.one_of([values(member, name, depth) for member in union])
    # All else that has members is some kind of list.
    return st.lists(values(union[0], name, depth + 1), min_size=1, max_size=LONG)


def is_required(hint, otherwise):
    """Whether a key has to be there; what the class itself knows of it is not all there is."""
    while (origin := typing_extensions.get_origin(hint)) is not None:
        if origin in (typing_extensions.Required, typing_extensions.NotRequired):
            return origin is typing_extensions.Required
        if origin is not typing.Annotated:
            break
        hint = typing_extensions.get_args(hint)[0]
    return otherwise


def objects(hint, depth):
    """Objects of a TypedDict."""
    hints = typing_extensions.get_type_hints(hint, include_extras=True)
    must = {name for name, of in hints.items() if is_required(of, name in hint.__required_keys__)}
    required = {name: values(of, name, depth + 1) for name, of in hints.items() if name in must}
    if depth > FULL_DEPTH:
        return st.fixed_dictionaries(required)
    optional = {name: values(of, name, depth + 1) for name, of in hints.items() if name not in must}
    return st.fixed_dictionaries(required, optional=optional)
