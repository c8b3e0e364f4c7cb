"""Lumara from the SDK alone, over HTTP: it ends like `lucid run`.

`LUCID_LUMARA_HELD_OUT` gives another number of held-out tasks; the mission itself has 200.
"""

import json
import os
import re
import subprocess
import sys

import anthropic
import pytest

import server
from support import refused

MISSION = server.ROOT / "examples" / "lumara"
HELD_OUT = int(os.environ.get("LUCID_LUMARA_HELD_OUT", "12"))
PLUGINS = ["commander", "detector", "lander", "navigator"]

sys.path.insert(0, str(MISSION))
import drive  # noqa: E402


@pytest.fixture(scope="module")
def moon(tmp_path_factory):
    """A client of a server that has the mission's plugins, and grants what the example says."""
    missing = [name for name in PLUGINS if not (MISSION / "plugins" / f"{name}.wasm").is_file()]
    if missing:
        pytest.fail(f"no plugins {missing} in {MISSION}: run `cargo xtask build`")
    running = server.Server(
        tmp_path_factory.mktemp("moon"),
        "--plugins",
        MISSION / "plugins",
        "--config",
        MISSION / "serve.toml",
    )
    with anthropic.Anthropic(
        base_url=running.url, api_key="x", timeout=60, _strict_response_validation=True
    ) as client:
        yield client
    assert running.stop() == 0, running.said()


@pytest.fixture(scope="module")
def mission(moon):
    return drive.Lumara(moon, held_out=HELD_OUT)


class CommandLine:
    """The same study by `lucid run`: what it reports, and what its state holds."""

    def __init__(self, folder):
        self.state = folder / "state"
        report = folder / "report.json"
        self.lucid("run", MISSION, "--held-out", HELD_OUT, "--report", report)
        self.report = json.loads(report.read_text())

    def lucid(self, *arguments):
        command = [server.binary(), *map(str, arguments), "--state", self.state, "--json"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def landed(self):
        """Whether each flight landed, by phase, task and attempt."""
        sessions = json.loads(self.lucid("session", "list", "--limit", 10_000))["data"]
        flown = [(s["metadata"], s["outcome_evaluations"]) for s in sessions]
        flown = [(m, e) for m, e in flown if "lucid.phase" in m]
        found = {}
        # The parts of a run are numbered in the order of its tasks and attempts.
        for metadata, evaluations in sorted(flown, key=lambda one: int(one[0]["lucid.part"])):
            phase = found.setdefault(metadata["lucid.phase"], {})
            task = int(metadata["lucid.task"])
            attempt = sum(known == task for known, _ in phase)
            results = [evaluation["result"] for evaluation in evaluations]
            phase[task, attempt] = results == ["satisfied"]
        return found

    def memories(self, store, folder):
        """The texts of a store, by their paths."""
        self.lucid("memory", "export", store, folder)
        return {
            f"/{file.relative_to(folder)}": file.read_text() for file in folder.rglob("*.md")
        }


def without_sessions(texts):
    """The texts without which sessions they rest on: no two runs share their ids."""
    return {path: re.sub(r"sesn_\w+", "…", text) for path, text in texts.items()}


def test_the_sdk_alone_comes_to_what_the_command_line_comes_to(mission, tmp_path):
    ours = mission.run()
    theirs = CommandLine(tmp_path)
    phases = ours["phases"]
    landed = {
        phase: {(flight.task, flight.attempt): flight.landed for flight in flights}
        for phase, flights in phases.items()
    }
    assert landed == theirs.landed()
    for phase in ("before", "after"):
        for flight, task in zip(phases[phase], theirs.report[phase]["tasks"], strict=True):
            assert flight.task == task["task"] and flight.report["result"] == task["result"]
            told = {name: flight.report[name] for name in task["measures"]}
            assert told == task["measures"]
    dream = theirs.report["dream"]
    assert len(ours["rules"]) == dream["rules"]
    old = theirs.memories(dream["memory_store_in"], tmp_path / "old")
    assert mission.memories(ours["old"]) == old
    new = theirs.memories(dream["memory_store_out"], tmp_path / "new")
    assert without_sessions(mission.memories(ours["new"])) == without_sessions(new)
    # Else nothing was learnt, and the same would be no wonder.
    before, after = (landed[f"held-out-{when}"].values() for when in ("before", "after"))
    assert ours["rules"] and sum(before) < sum(after)


def test_a_plugin_is_told_what_the_metadata_say_and_only_plain_text(mission):
    sessions = mission.beta.sessions
    made = {"agent": mission.lead, "environment_id": mission.environment}
    for metadata in [{}, {"site": "7"}, {"task": ""}, {"task": "{seed}"}, {"task": "7\n8"}]:
        error = refused(anthropic.BadRequestError, sessions.create, **made, metadata=metadata)
        assert "`task`" in error.body["error"]["message"], metadata
    session = mission.session(7, mission.memory)
    refused(anthropic.BadRequestError, sessions.update, session, metadata={"task": None})
    assert sessions.retrieve(session).metadata == {"task": "7"}
    # Told something else before it begins, it is as if it had begun so.
    sessions.update(session, metadata={"task": "8"})
    moved = mission.go(session, 8, 0)
    assert moved.report["site"] == 8
    assert moved.report == mission.fly(8, 0, mission.memory).report
