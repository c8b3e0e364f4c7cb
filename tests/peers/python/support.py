"""What many tests need: agents that play a script, sessions that are waited for."""

import time
import uuid

import anthropic
import pytest

# How long anything may take that has no model behind it.
PATIENCE = 30.0
ABSENT = "01NobodyHasThisIdAtA11"

FILES = {"type": "agent_toolset_20260401"}


def toolset(policy):
    """The tools for files, with one permission for all."""
    return {**FILES, "default_config": {"enabled": True, "permission_policy": {"type": policy}}}


def custom(name, **properties):
    """A tool of the client's own."""
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {
        "type": "custom",
        "name": name,
        "description": f"The tool {name}.",
        "input_schema": schema,
    }


def said(text):
    """A message of a person."""
    return {"type": "user.message", "content": [{"type": "text", "text": text}]}


def unique(name):
    """A name that nothing else has."""
    return f"{name} {uuid.uuid4().hex[:8]}"


def words(event):
    """The text of an event's content."""
    return "".join(block.text for block in event.content or [] if block.type == "text")


def until(look, what="it"):
    """Looks until there is something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    pytest.fail(f"{what} did not come within {PATIENCE:.0f} s")


def refused(kind, call, *arguments, **named):
    """Checks that a call fails with an exception of this class; gives it."""
    with pytest.raises(kind) as caught:
        call(*arguments, **named)
    error = caught.value
    assert error.response.headers["request-id"].startswith("req_")
    assert error.body["type"] == "error"
    assert error.body["request_id"] == error.response.headers["request-id"]
    assert error.body["error"]["message"]
    return error


def error_type(error):
    """`error.type` of a failed call's body."""
    return error.body["error"]["type"]


def paged(list_, *arguments, limit=2, **named):
    """Reads a list page by page, checking that it is the list; gives its things."""
    things, pages = [], 0
    for page in list_(*arguments, limit=limit, **named).iter_pages():
        assert len(page.data) <= limit
        things += page.data
        pages += 1
    whole = list(list_(*arguments, **named))
    assert keys(things) == keys(whole)
    assert len(set(keys(things))) == len(things)
    assert pages == max(1, -(-len(things) // limit))
    return things


def newest_first(things, made):
    """Checks that a list begins with what was made, the newest first. What was made within one
    millisecond is in no order."""
    found = things[: len(made)]
    assert sorted(keys(found)) == sorted(keys(made))
    times = [thing.created_at for thing in found]
    assert times == sorted(times, reverse=True)


def keys(things):
    """What tells the things of a list apart."""
    return [
        (getattr(t, "id", None), getattr(t, "version", None), getattr(t, "path", None))
        for t in things
    ]


class Lab:
    """Makes what a test needs, and waits for what a session does."""

    def __init__(self, client):
        self.client, self.beta = client, client.beta

    def agent(self, *script, model="plugin:script", **fields):
        """An agent that plays a script, one answer a line; without one it says what it hears."""
        if not script and "system" not in fields:
            model = "plugin:echo" if model == "plugin:script" else model
        fields.setdefault("name", unique("agent"))
        if script:
            fields["system"] = "\n".join(script)
        return self.beta.agents.create(model=model, **fields)

    def environment(self, kind="cloud", **fields):
        """An environment of a kind."""
        fields.setdefault("name", unique("environment"))
        return self.beta.environments.create(config={"type": kind}, **fields)

    def session(self, agent=None, environment=None, **fields):
        """A session; of an agent that says what it hears, where none is given."""
        agent = agent or self.agent()
        environment = environment or self.environment()
        return self.beta.sessions.create(agent=agent.id, environment_id=environment.id, **fields)

    def store(self, **fields):
        """A memory store."""
        fields.setdefault("name", unique("store"))
        return self.beta.memory_stores.create(**fields)

    def file(self, name="notes.txt", content=b"Some notes.\n"):
        """An uploaded file."""
        return self.beta.files.upload(file=(name, content, "text/plain"))

    def send(self, session, *events):
        """Sends events, and gives them as they were stored."""
        answer = self.beta.sessions.events.send(session.id, events=list(events))
        assert [event.type for event in answer.data] == [event["type"] for event in events]
        return answer.data

    def tell(self, session, text):
        """Says something, waits until the session rests, and gives what happened since."""
        (event,) = self.send(session, said(text))
        return self.rest(session, event.id)

    def events(self, session, after=None):
        """The events of a session, or those that came after one."""
        events = list(self.beta.sessions.events.list(session.id))
        if after is None:
            return events
        ids = [event.id for event in events]
        return events[ids.index(after) + 1 :] if after in ids else []

    def rest(self, session, after=None):
        """Waits until a session is idle after an event; gives the events since."""

        def look():
            events = self.events(session, after)
            last = next((e for e in reversed(events) if e.type.startswith("session.status_")), None)
            return events if last is not None and last.type == "session.status_idle" else None

        return until(look, "an idle session")

    def status(self, session, status):
        """Waits until a session has a status; gives the session."""

        def look():
            now = self.beta.sessions.retrieve(session.id)
            return now if now.status == status else None

        return until(look, f"the status {status}")


def of_type(events, *types):
    """The events of these types."""
    return [event for event in events if event.type in types]


def one(events, kind):
    """The one event of a type."""
    found = of_type(events, kind)
    assert len(found) == 1, [event.type for event in events]
    return found[0]


def stop_reason(events):
    """Why the session is idle, lastly."""
    return of_type(events, "session.status_idle")[-1].stop_reason


def is_one_turn(events):
    """Checks the order of the events of one turn of one thread (without its message)."""
    types = [event.type for event in events if event.type != "agent.thinking"]
    assert set(types[:2]) == {"session.status_running", "session.thread_status_running"}, types
    assert types[-3:] == ["session.thread_status_idle", "session.usage", "session.status_idle"]
    depth = 0
    for kind in types:
        depth += (kind == "span.model_request_start") - (kind == "span.model_request_end")
        assert depth in (0, 1), types
        if kind in ("agent.message", "agent.tool_use", "agent.custom_tool_use"):
            assert depth == 1, types
    assert depth == 0, types


def lab_dream(beta, store, session, **fields):
    """Starts a dream that needs no model."""
    inputs = [
        {"type": "memory_store", "memory_store_id": store.id},
        {"type": "sessions", "session_ids": [session.id]},
    ]
    return beta.dreams.create(inputs=inputs, model="strategy:consolidate", **fields)


def over(beta, dream):
    """A dream that is over; nothing before."""
    now = beta.dreams.retrieve(dream.id)
    return now if now.ended_at else None


def cancel_one(beta, start):
    """Starts dreams until one is canceled before it is over: gives it, and the answer."""
    for _ in range(20):
        dream = start()
        try:
            canceled = beta.dreams.cancel(dream.id)
        except anthropic.BadRequestError:
            assert beta.dreams.retrieve(dream.id).status in ("completed", "failed")
            continue
        if canceled.status == "running":
            # It did not look for long: it was shown as it is, and ends when it does.
            canceled = until(lambda: over(beta, dream), "the end of the dream")
        if canceled.status == "canceled":
            return dream, canceled
        assert canceled.status in ("completed", "failed")
    pytest.fail("every dream was over before it could be canceled")
