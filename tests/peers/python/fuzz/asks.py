"""Whole requests for a route: nearly right ones, and some that are not at all."""

import dataclasses
import functools
import json
import re
import typing
import urllib.parse

from hypothesis import strategies as st

from . import breakage, parts, shapes
from .breakage import pick
from .encode import Raw, Ref, encode, refs
from .schema import params
from .wire import Request

KINDS = {
    "resource_id": "resource",
    "thread_id": "thread",
    "version": "skill_version",
    "webhook_endpoint_id": "webhook",
}
# What these do cannot be done twice to the same thing.
ENDS = ("archive", "redact", "cancel", "stop")

SEGMENTS = ["..", ".", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..", "%00", "a%00b"]
SEGMENTS += ["%ff%fe", "%f0%9f%98%80", "null", "undefined", "-1", "0", "*", "%20", "%25", "%2f"]
SEGMENTS += ["latest", "x", "'--", "x" * 5_000, "%61" * 3_000, "agent_", "sesn_%0d%0aset-cookie:a"]
QUERIES = ["&&&", "%", "%zz", "=1", "limit", "limit=", "limit=x", "limit=-1", "limit=99999999999"]
QUERIES += ["limit=1&limit=2", "page=%00", "page=%ff", "created_at[gte]=x", "created_at[a][b]=1"]
QUERIES += ["created_at[gte]=%2B275760-09-13T00:00:00Z", "order=up", "beta=true", "view=", "x=1"]
QUERIES += ["&types[]=agent.message" * 150, "&ids[]=a" * 120, "a=" + "x" * 9_000]
TYPES = [None, "", "text/plain", "application/xml", "application/json; charset=utf-16"]
TYPES += ["multipart/form-data", "multipart/form-data; boundary=", "application/json" * 50]
TYPES += ["application/x-www-form-urlencoded"]
METHODS = ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "GET", "POST", "BREW"]
BETAS = ["", "managed-agents-2026-04-01", "string", ",,,", "agent-memory-2026-07-22,x", "x" * 5_000]


@dataclasses.dataclass
class Ask:
    """A request whose ids are not known yet."""

    route: typing.Any
    captures: dict
    query: typing.Any
    content: tuple  # the body and its type
    method: str
    headers: dict
    framing: str

    def __repr__(self):
        shown = (self.captures, self.query, self.content, self.method, self.headers, self.framing)
        shown = ", ".join(repr(item)[:500] for item in shown)
        return f"Ask({self.route.method} {self.route.path}, {shown})"

    def refs(self):
        """All that is referred to, in the path and elsewhere."""
        return list(refs([self.captures, self.query, self.content[0]]))

    def sparing(self):
        """What stands in the path; what is ended by it is something new."""
        captures = dict(self.captures)
        last = list(captures.values())[-1] if captures else None
        ends = self.method == "DELETE" or self.method == "POST" and self.route.path.endswith(ENDS)
        if ends and isinstance(last, Ref) and last.whose == "own":
            captures[list(captures)[-1]] = Ref(last.kind, "fresh")
        return captures

    def request(self, world):
        """The request, with the ids that the world has now."""
        captures = self.sparing()
        target = re.sub(r"{(\w+)}", lambda at: world.text(captures[at[1]]), self.route.path)
        if query := listed(self.query, world):
            target += "?" + query
        headers = {**world.headers, **self.headers}
        body, content_type = self.content
        if body is not None and not isinstance(body, bytes):
            body = encode(body, world.id).encode("utf-8", "surrogatepass")
        if content_type is not None:
            headers["content-type"] = content_type
        body = body or b""
        length = len(body) + 10 if self.framing == "cut" else None
        return Request(self.method, target, headers, body, length, self.framing == "chunked")


def listed(query, world):
    """The text of a query."""
    if isinstance(query, Raw):
        return urllib.parse.quote(query.text[:8_000], safe="&=%[]:+")
    if not isinstance(query, dict):
        return quoted(query, world)
    pairs = []
    for name, value in query.items():
        many = isinstance(value, list)
        for item in value if many else [value]:
            pairs.append(f"{quoted(str(name) + '[]' * many, world)}={quoted(item, world)}")
    return "&".join(pairs)


def quoted(value, world):
    """One name or value of a query."""
    if isinstance(value, Ref):
        value = world.id(value)
    elif isinstance(value, Raw):
        # The head of a request has its own limit, which is far below a body's.
        value = value.text
    elif not isinstance(value, str):
        value = json.dumps(value, default=str)
    return urllib.parse.quote(value[:8_000].encode("utf-8", "surrogatepass"), safe="")[:24_000]


def mostly(usual, *others, of=8):
    """One thing mostly: each of the others is taken once in so many times."""
    rare = of - len(others)
    # `one_of` takes equal ones for one, whatever their number.
    return st.integers(0, of - 1).flatmap(lambda n: usual if n < rare else others[n - rare])


def kind(route, name):
    """The kind of thing that stands in a path."""
    if name == "environment_id" and "/work" in route.path:
        return "hosted"
    return KINDS.get(name, name.removesuffix("_id"))


def captures(route):
    """What stands in the path: things of one's own mostly."""
    names = re.findall(r"{(\w+)}", route.path)
    own, foreign, odd = {}, {}, {}
    for at, name in enumerate(names, 1):
        of = kind(route, name)
        last = at == len(names)
        # Only the first of a kind has all the children.
        which = st.integers(0, 7) if last and at > 1 else pick([0, 0, 0, 1, 2])
        own[name] = st.builds(Ref, st.just(of), st.just("own"), which)
        foreign[name] = st.builds(Ref, st.just(of), pick(["foreign", "own"]), which)
        other = pick(["agent", "session", "file", "memory", "event", "cursor"])
        odd[name] = st.one_of(
            st.just(Ref(of)),
            st.just(Ref(of, "absent")),
            st.builds(Ref, other),
            pick(SEGMENTS),
        )
    sets = [st.fixed_dictionaries(each) for each in (own, foreign, odd)]
    return mostly(*sets, of=8)


def placed(route, place):
    """The things that a route takes in one place."""
    found = [param for param in params(route) if param.place == place]
    required = {p.name: shapes.values(p.type, p.name) for p in found if p.required}
    optional = {p.name: shapes.values(p.type, p.name) for p in found if not p.required}
    return st.fixed_dictionaries(required, optional=optional)


def queries(route):
    sound, odd = placed(route, "query"), pick(QUERIES).map(Raw)
    if route.method == "POST":
        return mostly(sound, breakage.broken(sound), odd, of=12)
    return mostly(breakage.broken(sound), sound, odd, of=5)


def bodies(route):
    """Bodies with their content types."""
    if any(param.place == "part" for param in params(route)):
        return parts.bodies("files[]" if "/skills" in route.path else "file")
    sound = placed(route, "body")
    if route.method != "POST":
        bodies = mostly(st.none(), breakage.texts(), of=6)
    else:
        bodies = mostly(breakage.broken(sound), sound, breakage.texts(), of=6)
    json_ = st.just("application/json")
    return st.tuples(bodies, mostly(json_, pick(TYPES), of=8))


@functools.lru_cache(maxsize=None)
def asks(route):
    """Requests for a route."""
    version = st.just({"anthropic-version": "2026-10-21"})
    betas = st.fixed_dictionaries({"anthropic-beta": pick(BETAS)})
    worker = st.fixed_dictionaries({"anthropic-worker-id": pick(["", "w" * 9_000, "\xff"])})
    return st.builds(
        Ask,
        st.just(route),
        captures(route),
        queries(route),
        bodies(route),
        mostly(st.just(route.method), pick(METHODS), of=12),
        mostly(version, betas, worker, of=12),
        mostly(st.just("plain"), st.just("cut"), st.just("chunked"), of=16),
    )
