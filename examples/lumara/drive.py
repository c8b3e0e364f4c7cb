"""Flies the study of this mission from the official Anthropic SDK, over HTTP.

    lucid serve --plugins examples/lumara/plugins --config examples/lumara/serve.toml
    pip install anthropic
    python examples/lumara/drive.py

It does what `lucid run examples/lumara` does, and comes to the same: it makes the agents of
`mission.toml`, lets them fly the training tasks, has the server dream of these flights, and flies
tasks that nothing was learnt from with the old and with the new memory.

Nothing in here knows how to land, or looks into the simulator: a flight's outcome is what the
server's grader says of it.
"""

import argparse
import concurrent.futures
import dataclasses
import hashlib
import json
import pathlib
import sys
import time
import tomllib

import anthropic

HERE = pathlib.Path(__file__).resolve().parent
FLIGHTS_AT_ONCE = 8
DREAM_LOOKED_AT_EVERY = 0.2


@dataclasses.dataclass(frozen=True)
class Flight:
    """One session: which task, how it ended, and what its report says."""

    task: int
    attempt: int
    session_id: str
    landed: bool
    report: dict | None


def derive_seed(seed, purpose):
    """The seed for a purpose, as `lucid run` derives it from the study's seed."""
    digest = hashlib.sha256(seed.to_bytes(8, "little") + purpose.encode()).digest()
    return int.from_bytes(digest[:8], "little")


class Lumara:
    """The mission on a server: its agents, its environment, and the memory as it was."""

    def __init__(self, client, seed=None, training=None, held_out=None):
        self.beta = client.beta
        self.mission = tomllib.loads((HERE / "mission.toml").read_text())
        self.study = self.mission["study"]
        self.seed = self.study["seed"] if seed is None else seed
        self.training = self.study["training_sessions"] if training is None else training
        self.held_out = self.study["held_out_tasks"] if held_out is None else held_out
        self.environment = self.beta.environments.create(
            name="Moon", config={"type": "cloud"}
        ).id
        self.lead = self._team()
        self.memory = self._memory()

    def _team(self):
        """Makes the agents; those of the lead's roster first. Gives the lead's id."""
        agents, lead = self.mission["agents"], self.mission["lead"]
        roster = [self._agent(name, agents[name]) for name in agents[lead]["roster"]]
        return self._agent(
            lead, agents[lead], multiagent={"type": "coordinator", "agents": roster}
        )

    def _agent(self, name, section, **fields):
        """An agent with the tools that its section names, and no others."""
        files, plugins = [], {}
        for tool in section["tools"]:
            plugin, tool = tool.split(".")
            (files if plugin == "files" else plugins.setdefault(plugin, [])).append(tool)
        tools = [{"type": "agent_toolset_20260401", **only(files)}]
        for plugin, wanted in plugins.items():
            tools.append({"type": "mcp_toolset", "mcp_server_name": plugin, **only(wanted)})
        servers = [{"type": "url", "name": name, "url": f"plugin:{name}"} for name in plugins]
        made = self.beta.agents.create(
            name=name,
            model=section["model"],
            system=section["system"],
            tools=tools,
            mcp_servers=servers,
            metadata={"lucid.grader": self.mission["outcome"]["grader"]},
            **fields,
        )
        return made.id

    def _memory(self):
        """A store with the notes that the team begins with."""
        ((name, section),) = self.mission["memory"].items()
        store = self.beta.memory_stores.create(name=name, description=section["description"])
        for file in sorted((HERE / section["folder"]).glob("*.md")):
            self.beta.memory_stores.memories.create(
                store.id, path=f"/{file.name}", content=file.read_text()
            )
        return store.id

    # Which tasks: first those that are shown, then those that train, then those that prove.

    def shown(self):
        return [(task, 0) for task in range(1, self.study["shown_tasks"] + 1)]

    def trained(self):
        first, tasks = self.study["shown_tasks"] + 1, self.study["training_tasks"]
        return [(first + number % tasks, number // tasks) for number in range(self.training)]

    def proving(self):
        first = self.study["shown_tasks"] + self.study["training_tasks"] + 1
        return [(first + number, 0) for number in range(self.held_out)]

    def fly_all(self, trials, memory):
        """Flies some tasks with a memory, several at once; gives them in the order they have.

        Sessions are made one after the other: a dream reads them in the order in which they
        were made, and which of them it keeps back to check a rule follows from that.
        """
        sessions = [self.session(task, memory) for task, _ in trials]
        with concurrent.futures.ThreadPoolExecutor(FLIGHTS_AT_ONCE) as pool:
            return list(pool.map(lambda session, trial: self.go(session, *trial), sessions, trials))

    def fly(self, task, attempt, memory):
        """One flight, from the first word until the team rests."""
        return self.go(self.session(task, memory), task, attempt)

    def session(self, task, memory):
        """A session for a task; nothing is said to it yet. Gives its id."""
        session = self.beta.sessions.create(
            agent=self.lead,
            environment_id=self.environment,
            # The server tells the simulator the site, and the dream which flights compare.
            metadata={"task": str(task)},
            resources=[
                {"type": "memory_store", "memory_store_id": memory, "access": "read_only"}
            ],
        )
        return session.id

    def go(self, session, task, attempt):
        """Tells a session its site, its flight seed and what counts, and waits until it rests."""
        sessions = self.beta.sessions
        known = {
            "task": task,
            "session_seed": derive_seed(self.seed, f"session/{task}/{attempt}"),
        }
        outcome = self.mission["outcome"]
        rubric = (HERE / outcome["rubric"]).read_text()
        events = [
            {
                "type": "user.message",
                "content": [{"type": "text", "text": self.mission["message"].format(**known)}],
            },
            {
                "type": "user.define_outcome",
                "description": outcome["description"].format(**known),
                "rubric": {"type": "text", "content": rubric},
                "max_iterations": outcome["max_iterations"],
            },
        ]
        with sessions.events.stream(session) as stream:
            sessions.events.send(session, events=events)
            rests = ("session.status_idle", "session.status_terminated")
            if not any(event.type in rests for event in stream):
                raise RuntimeError(f"the stream of {session} ended before the flight did")
        evaluations = sessions.retrieve(session).outcome_evaluations
        landed = [evaluation.result for evaluation in evaluations] == ["satisfied"]
        return Flight(task, attempt, session, landed, self.report(session))

    def report(self, session_id):
        """What the team wrote of its flight; none where it wrote nothing."""
        result = self.study["result"]
        for file in self.beta.files.list(scope_id=session_id):
            if file.filename == result["file"]:
                whole = json.loads(self.beta.files.download(file.id).read())
                return whole["sites"][0] if whole.get("sites") else None
        return None

    def dream(self, flights):
        """Has the server dream of some flights; gives the store that it makes."""
        dream = self.beta.dreams.create(
            inputs=[
                {"type": "memory_store", "memory_store_id": self.memory},
                {"type": "sessions", "session_ids": [flight.session_id for flight in flights]},
            ],
            model=f"strategy:{self.mission['dream']['strategy']}",
        )
        while dream.status in ("pending", "running"):
            time.sleep(DREAM_LOOKED_AT_EVERY)
            dream = self.beta.dreams.retrieve(dream.id)
        if dream.status != "completed":
            raise RuntimeError(f"the dream {dream.status}: {dream.error}")
        return dream.outputs[0].memory_store_id

    def memories(self, store):
        """The texts of a store, by their paths."""
        memories = self.beta.memory_stores.memories.list(store, view="full")
        return {memory.path: memory.content for memory in memories if memory.type == "memory"}

    def run(self, tell=lambda line: None):
        """The whole study. Gives each phase's flights and the two memories."""
        phases = {"train": self.fly_all(self.trained(), self.memory)}
        tell(f"past work          {landings(phases['train'])}")
        phases["before"] = self.fly_all(self.shown(), self.memory)
        tell(f"before the dream   {landings(phases['before'])}")
        new = self.dream(phases["train"])
        rules = [
            line
            for text in self.memories(new).values()
            for line in text.splitlines()
            if line.startswith("- Rule: ")
        ]
        for rule in rules:
            tell(f"learnt             {rule.removeprefix('- ').split('. ')[0]}")
        phases["after"] = self.fly_all(self.shown(), new)
        tell(f"after the dream    {landings(phases['after'])}")
        phases["held-out-before"] = self.fly_all(self.proving(), self.memory)
        tell(f"held out, before   {landings(phases['held-out-before'])}")
        phases["held-out-after"] = self.fly_all(self.proving(), new)
        tell(f"held out, after    {landings(phases['held-out-after'])}")
        return {"phases": phases, "rules": rules, "old": self.memory, "new": new}


def only(tools):
    """The settings of a toolset that has these tools alone, and asks nobody."""
    allow = {"permission_policy": {"type": "always_allow"}}
    configs = [{"name": tool, "enabled": True, **allow} for tool in tools]
    return {"default_config": {"enabled": False, **allow}, "configs": configs}


def landings(flights):
    landed = sum(flight.landed for flight in flights)
    share = f" ({100 * landed / len(flights):.1f} %)" if flights else ""
    return f"{landed} of {len(flights)} landed{share}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:4747", help="where the server is")
    parser.add_argument("--key", default="any", help="an API key, where the server wants one")
    parser.add_argument("--seed", type=int, help="other flights; the sites are the server's")
    parser.add_argument("--training", type=int, help="how many training flights, 1 to 100")
    parser.add_argument("--held-out", type=int, help="how many held-out tasks")
    options = parser.parse_args()
    with anthropic.Anthropic(base_url=options.url, api_key=options.key) as client:
        mission = Lumara(client, options.seed, options.training, options.held_out)
        mission.run(tell=print)


if __name__ == "__main__":
    sys.exit(main())
