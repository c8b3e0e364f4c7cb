"""What a route takes: read from the SDK's own method for it, and from its types."""

import dataclasses
import functools
import inspect
import json
import typing

import anthropic
import httpx2
import typing_extensions
from anthropic import NotGiven, Omit

# What every method takes, and no route.
COMMON = {"extra_headers", "extra_query", "extra_body", "timeout", "betas", "workspace_id"}
EMPTY = (NotGiven, Omit)


@dataclasses.dataclass(frozen=True)
class Param:
    """One thing that a route takes: where it stands, what it is called there, and its type."""

    place: str  # "body", "query", "header" or "part"
    name: str
    type: typing.Any
    required: bool


def method(client, route):
    """The SDK's method of a route."""
    return functools.reduce(getattr, route.sdk_method.split("."), client)


@functools.lru_cache(maxsize=None)
def params(route):
    """What a route takes, except for what is in its path."""
    seen = []

    def answer(request):
        seen.append(request)
        return httpx2.Response(404, json={})

    http = anthropic.DefaultHttpxClient(transport=httpx2.MockTransport(answer))
    with anthropic.Anthropic(
        base_url="http://127.0.0.1", api_key="x", http_client=http, max_retries=0
    ) as client:
        call = method(client, route)
        hints = typing_extensions.get_type_hints(call, include_extras=True)
        signature = inspect.signature(call)
        arguments, marks = {}, {}
        for name, parameter in signature.parameters.items():
            if name in COMMON:
                continue
            # The mark of what is in the path is looked for nowhere.
            mark = f"mark-{len(marks)}-"
            marks[mark] = name
            arguments[name] = [(mark, b"", "text/plain")] if name == "files" else mark
            if name == "file":
                arguments[name] = (mark, b"", "text/plain")
        positional = [
            arguments.pop(name)
            for name, parameter in signature.parameters.items()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and name in arguments
        ]
        try:
            call(*positional, **arguments)
        except anthropic.APIStatusError:
            pass
    return tuple(
        Param(
            place, wire, hints[name], signature.parameters[name].default is inspect.Parameter.empty
        )
        for mark, name in marks.items()
        for place, wire in where(seen[-1], mark)
    )


def where(request, mark):
    """Where a mark stands in a request."""
    for name, value in request.url.params.multi_items():
        if value == mark:
            yield "query", name
    for name, value in request.headers.items():
        if value == mark:
            yield "header", name
    body = request.read()
    if "multipart/form-data" in request.headers.get("content-type", ""):
        for part in body.split(b"Content-Disposition: form-data; ")[1:]:
            if mark.encode() in part:
                yield "part", part.split(b'"')[1].decode()
    elif body:
        for name, value in json.loads(body).items():
            if value == mark or value == [mark]:
                yield "body", name


def plain(hint):
    """A type without what the SDK wraps around it."""
    while True:
        origin = typing_extensions.get_origin(hint)
        wrappers = (typing.Annotated, typing_extensions.Required, typing_extensions.NotRequired)
        if origin not in wrappers:
            return hint
        hint = typing_extensions.get_args(hint)[0]


def members(hint):
    """The members of a union, those left out that mean that nothing is sent."""
    return [plain(m) for m in typing_extensions.get_args(hint) if plain(m) not in EMPTY]
