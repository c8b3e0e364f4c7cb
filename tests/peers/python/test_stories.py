"""Whole stories: what people do with sessions, from beginning to end."""

import asyncio

from anthropic import beta_async_tool

from support import (
    FILES,
    PATIENCE,
    cancel_one,
    custom,
    lab_dream,
    of_type,
    one,
    said,
    stop_reason,
    toolset,
    until,
    words,
)

REPORT = "/mnt/session/outputs/report.md"
RUBRIC = "- There is a report.\n  `check: exists('report.md')`\n"


def last_words(events):
    return words(of_type(events, "agent.message")[-1])


def test_a_tool_of_the_clients_own_is_answered(lab):
    city = {"city": {"type": "string"}}
    agent = lab.agent(
        'call weather {"city": "Oslo"}', "say It is {result}.", tools=[custom("weather", **city)]
    )
    session = lab.session(agent)
    events = lab.tell(session, "How is the weather in Oslo?")
    call = one(events, "agent.custom_tool_use")
    assert (call.name, call.input) == ("weather", {"city": "Oslo"})
    assert stop_reason(events).type == "requires_action"
    assert stop_reason(events).event_ids == [call.id]
    content = [{"type": "text", "text": "sunny"}]
    (answer,) = lab.send(
        session,
        {"type": "user.custom_tool_result", "custom_tool_use_id": call.id, "content": content},
    )
    assert answer.processed_at is not None
    events = lab.rest(session, answer.id)
    assert events[0].type in ("session.status_running", "session.thread_status_running")
    assert last_words(events) == "It is sunny." and stop_reason(events).type == "end_turn"


def test_of_two_open_calls_one_is_answered_after_the_other(lab):
    agent = lab.agent(
        "call look {}", "and call hear {}", "say {result}", tools=[custom("look"), custom("hear")]
    )
    session = lab.session(agent)
    events = lab.tell(session, "Go.")
    look, hear = of_type(events, "agent.custom_tool_use")
    assert set(stop_reason(events).event_ids) == {look.id, hear.id}

    def answer(call, text):
        result = {"type": "user.custom_tool_result", "custom_tool_use_id": call.id}
        (sent,) = lab.send(session, {**result, "content": [{"type": "text", "text": text}]})
        return lab.rest(session, sent.id)

    assert stop_reason(answer(hear, "a song")).event_ids == [look.id]
    events = answer(look, "a bird")
    assert stop_reason(events).type == "end_turn"


def test_a_person_is_asked_and_allows_or_denies(lab):
    agent = lab.agent(
        f'call write {{"file_path": "{REPORT}", "content": "one"}}',
        "say {result}",
        f'call write {{"file_path": "{REPORT}", "content": "two"}}',
        "say {result}",
        f'call read {{"file_path": "{REPORT}"}}',
        "say {result}",
        tools=[
            {
                **toolset("always_ask"),
                "configs": [
                    {"name": "read", "permission_policy": {"type": "always_allow"}},
                ],
            }
        ],
    )
    session = lab.session(agent)

    def decide(text, **decision):
        call = one(lab.tell(session, text), "agent.tool_use")
        assert call.evaluated_permission == "ask" and call.evaluation.type == "always_ask"
        confirm = {"type": "user.tool_confirmation", "tool_use_id": call.id, **decision}
        (sent,) = lab.send(session, confirm)
        events = lab.rest(session, sent.id)
        result = one(events, "agent.tool_result")
        assert result.tool_use_id == call.id
        return result

    assert not decide("Write one.", result="allow").is_error
    denied = decide("Write two.", result="deny", deny_message="One is enough.")
    assert denied.is_error and "One is enough." in words(denied)
    events = lab.tell(session, "Read.")
    assert one(events, "agent.tool_use").evaluated_permission == "allow"
    assert "one" in last_words(events) and "two" not in last_words(events)


def test_an_interrupt_ends_what_waits(lab):
    session = lab.session(lab.agent("call look {}", "say Still here.", tools=[custom("look")]))
    call = one(lab.tell(session, "Go."), "agent.custom_tool_use")
    (sent,) = lab.send(session, {"type": "user.interrupt"})
    events = until(
        lambda: (e := lab.events(session)) and stop_reason(e).type == "end_turn" and e,
        "the end of the turn",
    )
    assert [event.type for event in events].count("span.model_request_start") == 1
    assert sent.id in [event.id for event in events] and call
    assert last_words(lab.tell(session, "Are you there?")) == "Still here."


def test_an_outcome_is_reached_after_a_revision(beta, lab):
    agent = lab.agent(
        "say Done already.",
        f'call write {{"file_path": "{REPORT}", "content": "# Report"}}',
        "say Now it is there.",
        tools=[FILES],
    )
    session = lab.session(agent)
    define = {
        "type": "user.define_outcome",
        "description": "Write a report.",
        "rubric": {"type": "text", "content": RUBRIC},
        "max_iterations": 3,
    }
    (defined,) = lab.send(session, define)
    assert defined.outcome_id.startswith("outc_") and defined.processed_at is not None
    assert (defined.rubric.content, defined.max_iterations) == (RUBRIC, 3)
    events = lab.rest(session, defined.id)
    starts = of_type(events, "span.outcome_evaluation_start")
    ends = of_type(events, "span.outcome_evaluation_end")
    assert [end.result for end in ends] == ["needs_revision", "satisfied"]
    assert [end.iteration for end in ends] == [start.iteration for start in starts] == [0, 1]
    assert [end.outcome_evaluation_start_id for end in ends] == [start.id for start in starts]
    assert {event.outcome_id for event in [*starts, *ends]} == {defined.outcome_id}
    (evaluation,) = beta.sessions.retrieve(session.id).outcome_evaluations
    assert (evaluation.outcome_id, evaluation.result) == (defined.outcome_id, "satisfied")
    assert evaluation.description == "Write a report." and evaluation.completed_at is not None
    (report,) = until(lambda: list(beta.files.list(scope_id=session.id)), "the report")
    assert beta.files.download(report.id).read() == b"# Report"


def test_a_team_of_three_shares_the_work(beta, lab):
    ada, bob = lab.agent(name="ada"), lab.agent(name="bob")
    lead = lab.agent(
        'call send_to_agent {"agent_name": "ada", "message": "Count the boats."}',
        'and call send_to_agent {"agent_name": "bob", "message": "Weigh the fish."}',
        "call await_threads {}",
        "say Both have answered.",
        name="lead",
        multiagent={"type": "coordinator", "agents": [ada.id, bob.id]},
    )
    session = lab.session(lead)
    assert {a.name for a in session.agent.multiagent.agents} == {"ada", "bob"}
    events = lab.tell(session, "Start.")
    assert last_words(events) == "Both have answered."
    created = of_type(events, "session.thread_created")
    assert {event.agent_name for event in created} == {"ada", "bob"}
    for event in created:
        of_child = [
            e
            for e in events
            if event.session_thread_id
            in (
                getattr(e, "session_thread_id", None),
                getattr(e, "to_session_thread_id", None),
                getattr(e, "from_session_thread_id", None),
            )
        ]
        kinds = [e.type for e in of_child]
        assert kinds[0] == "session.thread_created" and kinds[-1] == "session.thread_status_idle"
        assert kinds.index("agent.thread_message_sent") < kinds.index(
            "agent.thread_message_received"
        )
        assert "session.thread_status_running" in kinds
    answers = {words(e) for e in of_type(events, "agent.thread_message_received")}
    assert any("Count the boats." in answer for answer in answers)
    assert any("Weigh the fish." in answer for answer in answers)
    threads = list(beta.sessions.threads.list(session.id))
    assert len(threads) == 3 and {thread.status for thread in threads} == {"idle"}


def test_a_dream_is_watched_and_another_canceled(beta, lab):
    store, session = lab.store(), lab.session()
    beta.memory_stores.memories.create(store.id, path="/a.md", content="- The sea is cold.\n")
    lab.tell(session, "The sea is cold.")
    dream = lab_dream(beta, store, session)
    seen = []

    def look():
        now = beta.dreams.retrieve(dream.id)
        if now.status not in seen:
            seen.append(now.status)
        return now if now.ended_at else None

    done = until(look, "the end of the dream")
    assert seen == [status for status in ("pending", "running", "completed") if status in seen]
    assert done.status == "completed"
    if done.session_id is not None:
        assert list(beta.sessions.events.list(done.session_id))
    other, canceled = cancel_one(beta, lambda: lab_dream(beta, store, session))
    assert canceled.status == "canceled"
    assert beta.dreams.retrieve(other.id).status == "canceled"
    assert beta.memory_stores.retrieve(store.id).archived_at is None


def test_the_runner_of_the_sdk_answers_a_custom_tool(make_async, lab):
    agent = lab.agent(
        'call double {"number": 21}',
        "say {result}",
        tools=[custom("double", number={"type": "integer"})],
    )
    session = lab.session(agent)
    lab.send(session, said("Go."))

    @beta_async_tool
    async def double(number: int) -> str:
        """Doubles a number.

        Args:
            number: What is doubled.
        """
        return str(2 * number)

    async def run():
        async with make_async() as client:
            runner = client.beta.sessions.events.tool_runner(
                session.id, tools=[double], max_idle=0.5
            )
            return [call async for call in runner]

    (call,) = asyncio.run(asyncio.wait_for(run(), PATIENCE))
    assert call.posted and not call.is_error and call.name == "double"
    assert last_words(lab.events(session)) == "42"


def test_the_worker_of_the_sdk_runs_the_tools(beta, make_async, lab, tmp_path):
    environment = lab.environment("self_hosted")
    agent = lab.agent(
        'call write {"file_path": "notes.txt", "content": "one two three"}',
        'call bash {"command": "wc -w < notes.txt"}',
        "say There are {result} words.",
        tools=[FILES],
    )
    session = lab.session(agent, environment, initial_events=[said("Count.")])

    async def until_stopped(client):
        of = client.beta.environments.work
        while True:
            states = [item.state async for item in of.list(environment.id)]
            if states and set(states) == {"stopped"}:
                return
            await asyncio.sleep(0.1)

    async def run():
        async with make_async() as client:
            worker = client.beta.environments.work.worker(
                environment_id=environment.id, environment_key="x", workdir=tmp_path, max_idle=0.5
            )
            working = asyncio.create_task(worker.run())
            try:
                await asyncio.wait_for(until_stopped(client), PATIENCE)
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)

    asyncio.run(run())
    assert (tmp_path / "notes.txt").read_text() == "one two three"
    events = lab.events(session)
    assert stop_reason(events).type == "end_turn"
    answers = of_type(events, "user.tool_result")
    calls = of_type(events, "agent.tool_use")
    assert [answer.tool_use_id for answer in answers] == [call.id for call in calls]
    assert "3" in last_words(events) and not any(answer.is_error for answer in answers)
    (item,) = beta.environments.work.list(environment.id)
    assert item.state == "stopped" and item.data.id == session.id


def test_the_worker_of_the_sdk_waits_for_a_person(make_async, lab, tmp_path):
    environment = lab.environment("self_hosted")
    agent = lab.agent(
        'call write {"file_path": "a.txt", "content": "yes"}',
        'call write {"file_path": "b.txt", "content": "no"}',
        "say {result}",
        tools=[toolset("always_ask")],
    )
    session = lab.session(agent, environment)
    lab.tell(session, "Write.")

    def decide():
        for result in ["allow", "deny"]:
            decided = {
                e.tool_use_id for e in of_type(lab.events(session), "user.tool_confirmation")
            }
            call = until(
                lambda: next(
                    (
                        c
                        for c in of_type(lab.events(session), "agent.tool_use")
                        if c.id not in decided
                    ),
                    None,
                ),
                "a call",
            )
            lab.send(
                session,
                {"type": "user.tool_confirmation", "tool_use_id": call.id, "result": result},
            )

    async def run():
        async with make_async() as client:
            worker = client.beta.environments.work.worker(
                environment_id=environment.id, environment_key="x", workdir=tmp_path, max_idle=0.5
            )
            working = asyncio.create_task(worker.run())
            person = asyncio.to_thread(decide)
            ended = asyncio.to_thread(
                until,
                lambda: (
                    of_type(lab.events(session), "session.status_idle")
                    and stop_reason(lab.events(session)).type == "end_turn"
                ),
            )
            try:
                await asyncio.wait_for(asyncio.gather(person, ended), 2 * PATIENCE)
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)

    asyncio.run(run())
    assert (tmp_path / "a.txt").read_text() == "yes" and not (tmp_path / "b.txt").exists()
