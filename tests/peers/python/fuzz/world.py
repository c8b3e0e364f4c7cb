"""A server with two workspaces, and what must be true of every answer."""

import json
import re
import secrets
import subprocess

import server
from support import ABSENT

from .space import Space
from .wire import Request, send

TOO_LARGE = 32 * 1024 * 1024
LOG_SHOWN = 3_000


def workspace(folder, name):
    """The id of a workspace."""
    command = [server.binary(), "key", "workspace", name, "--json", "--state", folder / "state"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["id"]


class World:
    """The server; `near` is who asks, and `far` is whom nobody else may see."""

    def __init__(self, folder):
        # The keys come first: until there is one, everybody may ask for everything.
        keys = [server.make_key(folder, "--workspace", name) for name in ("near", "far")]
        self.far_id = workspace(folder, "far")
        self.server = server.Server(folder)
        self.port = int(self.server.url.rsplit(":", 1)[1])
        self.mark = f"far{secrets.token_hex(8)}"
        self.near = Space(self.server.url, keys[0], "near")
        self.far = Space(self.server.url, keys[1], self.mark)
        self.headers = self.headers_of(keys[0])
        self.hidden = self.far.ids()
        # Those that were asked for: whoever sends an id may be told it again.
        self.named = set()
        self.read = 0
        self.before = self.everything()

    def headers_of(self, key):
        return {"host": f"127.0.0.1:{self.port}", "x-api-key": key}

    def id(self, ref):
        """The id that is meant."""
        if ref.whose == "fresh":
            return self.near.fresh(ref.kind)
        if ref.whose == "foreign":
            return self.far.of(ref.kind, ref.which)
        own = self.near.of(ref.kind, ref.which)
        return own if ref.whose == "own" else f"{own.split('_')[0]}_{ABSENT}"

    def text(self, segment):
        """A segment of a path."""
        return segment if isinstance(segment, str) else self.id(segment).replace(":", "%3A")

    def ask(self, ask):
        """Sends what was made up, and checks the answer."""
        request = ask.request(self)
        answer = self.send(request)
        if answer is None:
            return
        foreign = [ref for ref in ask.refs() if ref.whose == "foreign"]
        hidden = [ref for ref in foreign if ref.kind not in ("model", "api_key", "cursor")]
        # A list may be filtered by what is not there, and a deployment looks for what its
        # events name when it runs; nothing else is done with it.
        may = request.method in ("GET", "HEAD") or "/deployments" in request.target
        if [ref for ref in hidden if not may or ref in ask.captures.values()]:
            assert answer.status >= 400, f"{request}\n{answer}"

    def send(self, request):
        """Sends a request and checks what is true of every answer; gives it."""
        answer = send(self.port, request)
        about = f"{request}\n\n{answer}"
        if answer is None:
            # A body that does not come, or that is too large, may end the connection.
            cut = request.length is not None or len(request.body) > TOO_LARGE
            assert cut, f"no answer to {about}\n{self.server.said()[-LOG_SHOWN:]}"
            return None
        if answer.status >= 500 and answer.status != 501:
            raise AssertionError(f"{about}\n{self.server.said()[-LOG_SHOWN:]}")
        id = answer.headers.get("request-id", "")
        assert re.fullmatch(r"req_\w+", id), about
        if answer.status >= 400 and request.method != "HEAD":
            self.check_error(answer, id, about)
        self.check_secrets(request, answer, about)
        return answer

    def check_error(self, answer, id, about):
        """Every refusal has the form of one."""
        assert answer.headers.get("content-type", "").startswith("application/json"), about
        body = answer.json
        assert body["type"] == "error" and body["request_id"] == id, about
        assert isinstance(body["error"]["type"], str) and body["error"]["type"], about
        assert isinstance(body["error"]["message"], str) and body["error"]["message"], about

    def check_secrets(self, request, answer, about):
        """Nothing of the other workspace comes back that was not sent."""
        text = answer.body.decode("utf-8", "replace") + repr(answer.headers)
        assert self.mark not in text, about
        sent = request.target + request.body.decode("utf-8", "replace")
        self.named |= {id for id in self.hidden if id in sent}
        told = [id for id in self.hidden - self.named if id in text]
        assert not told, f"{told}\n{about}"

    def check_alive(self):
        """The server goes on, and never panicked."""
        assert self.server.process.poll() is None, self.server.said()
        answer = send(self.port, Request("GET", "/healthz", self.headers))
        assert answer is not None and answer.status == 200, f"{answer}"
        with open(self.server.log, "rb") as log:
            log.seek(self.read)
            new = log.read()
        self.read += len(new)
        assert b"panic" not in new, new[-LOG_SHOWN:].decode(errors="replace")

    def everything(self):
        """All that the other workspace has, as its own key sees it."""
        headers = self.headers_of(self.far.key)
        return {path: self.look(path, headers) for path in LISTS + self.inner()}

    def inner(self):
        """The lists of what belongs to one thing each."""
        of = self.far.of
        session, store, vault = of("session"), of("memory_store"), of("vault")
        return [
            f"/v1/sessions/{session}/events",
            f"/v1/sessions/{session}/resources",
            f"/v1/sessions/{session}/threads",
            f"/v1/memory_stores/{store}/memories?view=full&limit=20",
            f"/v1/memory_stores/{store}/memory_versions?view=full&limit=20",
            f"/v1/vaults/{vault}/credentials",
            f"/v1/skills/{of('skill')}/versions",
            f"/v1/environments/{of('hosted')}/work",
        ]

    def look(self, path, headers):
        answer = send(self.port, Request("GET", path, headers))
        assert answer.status == 200, f"{path}: {answer}"
        found = answer.json
        for item in found["data"]:
            # How long ago it was made is told, too.
            item.pop("stats", None)
        return found

    def stop(self):
        self.near.client.close(), self.far.client.close()
        return self.server.stop()


ARCHIVED = ["agents", "environments", "sessions", "deployments", "dreams", "vaults"]
ARCHIVED += ["memory_stores"]
LISTS = [f"/v1/{name}?limit=100&include_archived=true" for name in ARCHIVED]
LISTS += ["/v1/deployment_runs?limit=100", "/v1/files?limit=100", "/v1/skills?limit=100"]
LISTS += ["/v1/organizations/webhooks?limit=100"]
