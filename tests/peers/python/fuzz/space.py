"""A workspace with one or more of everything, each with a mark in all its texts."""

import anthropic

import support
from support import FILES, Lab, custom, said

NEVER = {"type": "cron", "expression": "0 9 1 1 *", "timezone": "UTC"}
SKILL = "---\nname: {name}\ndescription: {mark}\n---\n\n{mark}\n"
URL = "https://{mark}.invalid/mcp"


class Space:
    """What one key opens."""

    def __init__(self, url, key, mark):
        self.key, self.mark, self.count = key, mark, 0
        self.client = anthropic.Anthropic(base_url=url, api_key=key, timeout=60)
        self.beta, self.lab = self.client.beta, Lab(self.client)
        self.pool, self.newest = {}, {}
        # What others are made with is never changed.
        self.agent, self.environment = self.make_agent(), self.make_environment()
        for kind in ORDER:
            self.pool[kind] = [getattr(self, f"make_{kind}")() for _ in range(2)]
        self.finish()

    def of(self, kind, which=0):
        """The id of something that is there."""
        return self.pool[kind][which % len(self.pool[kind])]

    def fresh(self, kind):
        """The id of something new, that may be destroyed."""
        if make := getattr(self, f"make_{kind}", None):
            try:
                self.newest[kind] = make()
            except anthropic.BadRequestError:
                # There are as many as there may be: the newest is taken once more.
                pass
        return self.newest.get(kind) or self.of(kind)

    def name(self):
        self.count += 1
        return f"{self.mark}-{self.count}"

    def fields(self):
        return {"name": self.name(), "description": self.mark, "metadata": {"a": self.mark}}

    def make_agent(self):
        return self.beta.agents.create(
            model="plugin:script", system=f"say {self.mark}", tools=[FILES], **self.fields()
        ).id

    def make_environment(self):
        return self.beta.environments.create(config={"type": "cloud"}, **self.fields()).id

    def make_hosted(self):
        return self.beta.environments.create(config={"type": "self_hosted"}, **self.fields()).id

    def make_file(self):
        content = f"{self.mark}\n".encode()
        return self.beta.files.upload(file=(f"{self.name()}.txt", content, "text/plain")).id

    def make_memory_store(self):
        return self.beta.memory_stores.create(**self.fields()).id

    def new_memory(self):
        return self.beta.memory_stores.memories.create(
            self.of("memory_store"), path=f"/{self.name()}.md", content=self.mark
        )

    def make_memory(self):
        return self.new_memory().id

    def make_memory_version(self):
        memory = self.new_memory()
        self.beta.memory_stores.memories.update(
            memory.id, memory_store_id=self.of("memory_store"), content=f"{self.mark} again"
        )
        return memory.memory_version_id

    def make_vault(self):
        return self.beta.vaults.create(display_name=self.name(), metadata={"a": self.mark}).id

    def make_credential(self):
        auth = {
            "type": "static_bearer",
            "mcp_server_url": URL.format(mark=self.name()),
            "token": self.mark,
        }
        return self.beta.vaults.credentials.create(
            self.of("vault"), auth=auth, display_name=self.mark
        ).id

    def skill_files(self, name):
        text = SKILL.format(name=name, mark=self.mark)
        return [(f"{name}/SKILL.md", text.encode(), "text/markdown")]

    def make_skill(self):
        name = self.name()
        return self.beta.skills.create(files=self.skill_files(name), display_name=name).id

    def make_skill_version(self):
        skill = self.of("skill")
        name = self.beta.skills.versions.retrieve("latest", skill_id=skill).name
        return self.beta.skills.versions.create(skill, files=self.skill_files(name)).id

    def make_session(self):
        session = self.beta.sessions.create(
            agent=self.agent,
            environment_id=self.environment,
            title=self.mark,
            metadata={"a": self.mark},
        )
        self.lab.tell(session, self.mark)
        return session.id

    def make_resource(self):
        return self.beta.sessions.resources.add(
            self.of("session"), type="file", file_id=self.of("file"), mount_path=self.name()
        ).id

    def make_deployment(self):
        return self.beta.deployments.create(
            agent=self.agent,
            environment_id=self.environment,
            initial_events=[said(self.mark)],
            schedule=NEVER,
            **self.fields(),
        ).id

    def make_deployment_run(self):
        return self.beta.deployments.run(self.of("deployment")).id

    def make_dream(self):
        inputs = [
            {"type": "memory_store", "memory_store_id": self.of("memory_store")},
            {"type": "sessions", "session_ids": [self.of("session")]},
        ]
        return self.beta.dreams.create(
            inputs=inputs, model="strategy:consolidate", instructions=self.mark
        ).id

    def make_work(self):
        """An item that waits for a worker, and the session that made it."""
        agent = self.lab.agent(f'call bash {{"command": "{self.mark}"}}', tools=[FILES])
        session = self.beta.sessions.create(agent=agent.id, environment_id=self.of("hosted"))
        self.lab.tell(session, self.mark)
        work = self.beta.environments.work.list(self.of("hosted"), limit=100)
        return next(item.id for item in work if item.data.id == session.id)

    def make_webhook(self):
        return self.beta.organization.webhooks.create(
            url=URL.format(mark=self.mark), enabled_events=["external_key.failed"], name=self.name()
        ).id

    def finish(self):
        """What comes with the rest: events, threads, cursors, models."""
        asking = self.lab.agent("call look {}", "say {result}", tools=[custom("look")])
        session = self.lab.session(asking, self.beta.environments.retrieve(self.environment))
        pending = support.one(self.lab.tell(session, self.mark), "agent.custom_tool_use")
        self.pool["session"].append(session.id)
        main = self.of("session")
        self.pool["event"] = [pending.id, *(e.id for e in self.beta.sessions.events.list(main))]
        self.pool["thread"] = [thread.id for thread in self.beta.sessions.threads.list(main)]
        self.pool["model"] = ["plugin:echo", "plugin:script"]
        self.pool["api_key"] = ["apikey_01NobodyHasThisIdAtA11"]
        pages = [
            self.beta.agents.list(limit=1),
            self.beta.files.list(limit=1),
            self.beta.memory_stores.list(limit=1),
            self.beta.sessions.list(limit=1),
            self.beta.sessions.events.list(main, limit=1),
            self.beta.vaults.list(limit=1),
            self.beta.memory_stores.memories.list(self.of("memory_store"), limit=1),
        ]
        self.pool["cursor"] = [page.next_page for page in pages if page.next_page]
        support.until(lambda: all(self.ended(dream) for dream in self.pool["dream"]), "a dream")
        support.until(lambda: all(s.status == "idle" for s in self.beta.sessions.list()), "a rest")

    def ended(self, dream):
        return self.beta.dreams.retrieve(dream).status not in ("pending", "running")

    def ids(self):
        """All ids that nobody else may see."""
        common = ("model", "api_key", "cursor")
        return {id for kind, ids in self.pool.items() if kind not in common for id in ids}


# What is made of something else comes after it.
ORDER = [
    "agent",
    "environment",
    "hosted",
    "file",
    "memory_store",
    "memory",
    "memory_version",
    "vault",
    "credential",
    "skill",
    "skill_version",
    "session",
    "resource",
    "deployment",
    "deployment_run",
    "dream",
    "work",
    "webhook",
]
