"""Bad input, for every route, from the route's own schema: it is refused, and breaks nothing."""

import json
import os
import pathlib
import socket
import tempfile
import time
import zlib

import pytest
from fuzz.asks import asks, kind
from fuzz.encode import Ref
from fuzz.wire import Request
from fuzz.world import TOO_LARGE, World
from hypothesis import HealthCheck, Phase, configuration, given, seed, settings
from recorder import routes
from support import said

# What hypothesis notes is no part of the tree.
configuration.set_hypothesis_home_dir(pathlib.Path(tempfile.gettempdir()) / "lucid-hypothesis")

EXAMPLES = int(os.environ.get("LUCID_FUZZ_EXAMPLES", "15"))
# Only what somebody asks for differs from run to run.
CHOSEN = "LUCID_FUZZ_EXAMPLES" in os.environ

# It need not show what it made up whole.
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")

ROUTES = pytest.mark.parametrize("route", routes(), ids=lambda r: f"{r.method} {r.path}")

ODD_LINES = [
    b"GET /v1/agents\x00 HTTP/1.1\r\nhost: a\r\n\r\n",
    b"GET /v1/agents/\xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n",
    b"GET  /v1/agents HTTP/1.1\r\n\r\n",
    b"GET /v1/agents HTTP/9.9\r\nhost: a\r\n\r\n",
    b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n",
    b"GET /v1/agents HTTP/1.1\r\n" + b"a: b\r\n" * 5_000 + b"\r\n",
    b"POST /v1/agents HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
    b"POST /v1/agents HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
    b"POST /v1/agents HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 1_000,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500,
    b"\r\n" * 10_000,
]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The server, and its two workspaces."""
    folder = tmp_path_factory.mktemp("fuzz")
    world = World(folder)
    yield world
    assert world.stop() == 0, world.server.said()


@ROUTES
def test_what_is_wrong_is_refused_and_breaks_nothing(route, world):
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(asks(route))
    def ask(made_up):
        world.ask(made_up)
        world.check_alive()

    if not CHOSEN:
        ask = seed(zlib.crc32(f"{route.method} {route.path}".encode()))(ask)
    ask()


def theirs(route, world):
    """The path of a route, to what the other workspace has."""
    path = route.path
    for segment in [segment for segment in route.segments if segment.startswith("{")]:
        id = world.text(Ref(kind(route, segment.strip("{}")), "foreign"))
        path = path.replace(segment, id)
    return path


@ROUTES
def test_what_another_workspace_has_is_not_there(route, world):
    path = theirs(route, world)
    if path == route.path or "{model_id}" in route.path:
        pytest.skip("nobody has this alone")
    body = b"" if route.method == "GET" else b"{}"
    headers = {**world.headers, "content-type": "application/json"}
    answer = world.send(Request(route.method, path, headers, body))
    assert 400 <= answer.status < 500, f"{route.method} {path}: {answer}"


@ROUTES
def test_without_a_right_key_there_is_nothing(route, world):
    path = theirs(route, world)
    for header in [{}, {"x-api-key": "lucid_wrong"}, {"authorization": "Bearer " + "x" * 9_000}]:
        answer = world.send(Request(route.method, path, {"host": "127.0.0.1", **header}))
        assert answer.status == 401, f"{route.method} {path}: {answer}"


def test_a_key_opens_no_other_workspace(world):
    far = world.far_id
    for id in [far, "wrkspc_01NobodyHasThisIdAtA11", "x", f"../{far}", "wrkspc_%00", "\xff"]:
        headers = {**world.headers, "anthropic-workspace-id": id}
        answer = world.send(Request("GET", "/v1/agents", headers))
        assert answer.status in (400, 403, 404), f"{id}: {answer}"


def deployment(world, **fields):
    """Makes a deployment and runs it; gives the answers, the last one first."""
    headers = {**world.headers, "content-type": "application/json"}
    body = {
        "name": "reaching out",
        "agent": world.near.agent,
        "environment_id": world.near.environment,
        "initial_events": [said("Go.")],
        **fields,
    }
    made = world.send(Request("POST", "/v1/deployments", headers, json.dumps(body).encode()))
    if made.status >= 400:
        return [made]
    ran = world.send(Request("POST", f"/v1/deployments/{made.json['id']}/run", headers))
    session = ran.json.get("session_id")
    if session is None:
        return [ran, made]
    time.sleep(0.5)
    parts = ["", "/events", "/resources"]
    looks = [Request("GET", f"/v1/sessions/{session}{part}", headers) for part in parts]
    return [*map(world.send, looks), ran, made]


THINGS = ["rubric", "file", "memory_store", "vault", "environment", "agent"]


@pytest.mark.parametrize("what", THINGS)
def test_a_deployment_brings_nothing_of_another_workspace(what, world):
    far = world.far.of
    rubric = {"type": "file", "file_id": far("file")}
    outcome = {"type": "user.define_outcome", "description": "It is done.", "rubric": rubric}
    fields = {
        "rubric": {"initial_events": [outcome]},
        "file": {"resources": [{"type": "file", "file_id": far("file")}]},
        "memory_store": {
            "resources": [{"type": "memory_store", "memory_store_id": far("memory_store")}]
        },
        "vault": {"vault_ids": [far("vault")]},
        "environment": {"environment_id": far("environment")},
        "agent": {"agent": far("agent")},
    }
    # What is told is checked for the other's marks; and no session is made with its things.
    last = deployment(world, **fields[what])[0]
    assert last.status >= 400 or last.json.get("type") == "deployment_run", last
    if last.status < 400:
        assert last.json["session_id"] is None and last.json["error"]["message"], last


def test_a_body_that_is_too_large_is_not_read(world):
    json_ = {**world.headers, "content-type": "application/json"}
    text = b'{"name": "' + b"x" * (TOO_LARGE + 1_000) + b'"}'
    for path in ["/v1/agents", f"/v1/sessions/{world.near.of('session')}/events"]:
        promised = Request("POST", path, json_, b"{", length=TOO_LARGE + 1, ends=False)
        answer = world.send(promised)
        assert answer.status == 413, answer
        for chunked in (False, True):
            answer = world.send(Request("POST", path, json_, text, chunked=chunked))
            assert answer is None or answer.status == 413, answer
        world.check_alive()


def test_what_is_not_http_breaks_nothing(world):
    for line in ODD_LINES:
        with socket.create_connection(("127.0.0.1", world.port), 10) as connection:
            try:
                connection.sendall(line)
                connection.shutdown(socket.SHUT_WR)
                said = connection.recv(65_536)
            except OSError:
                said = b""
            assert not said.startswith((b"HTTP/1.1 5", b"HTTP/1.1 2")), (line[:100], said)
        world.check_alive()


def test_nothing_of_the_other_workspace_has_changed(world):
    after = world.everything()
    for path, before in world.before.items():
        pairs = zip(before["data"], after[path]["data"], strict=True)
        changed = [(old, new) for old, new in pairs if old != new]
        assert not changed, f"{path}: {changed[:1]}"
