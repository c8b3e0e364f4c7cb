"""beta.sessions."""

import anthropic

from support import ABSENT, FILES, custom, error_type, newest_first, paged, refused, said


def test_a_session_is_idle_and_has_its_agent_as_it_is_now(beta, lab):
    agent, environment = lab.agent("say Hello.", tools=[FILES]), lab.environment()
    session = beta.sessions.create(
        agent=agent.id, environment_id=environment.id, title="First", metadata={"a": "1"}
    )
    assert session.id.startswith("sesn_") and session.type == "session"
    assert (session.status, session.title, session.metadata) == ("idle", "First", {"a": "1"})
    assert (session.agent.id, session.agent.version) == (agent.id, 1)
    assert session.agent.system == "say Hello." and session.agent.tools == agent.tools
    assert session.environment_id == environment.id and session.deployment_id is None
    assert session.resources == session.vault_ids == session.outcome_evaluations == []
    assert session.usage.input_tokens == session.usage.output_tokens == 0
    assert session.budget is None and session.archived_at is None
    beta.agents.update(agent.id, system="say Bye.")
    now = beta.sessions.retrieve(session.id)
    # How long it is there grows all the time.
    now.stats = session.stats
    assert now == session


def test_a_session_takes_a_version_or_overrides(beta, lab):
    agent, environment = lab.agent("say One."), lab.environment()
    beta.agents.update(agent.id, system="say Two.")
    first = beta.sessions.create(
        agent={"type": "agent", "id": agent.id, "version": 1}, environment_id=environment.id
    )
    assert (first.agent.version, first.agent.system) == (1, "say One.")
    other = beta.sessions.create(
        agent={"type": "agent_with_overrides", "id": agent.id, "system": "say Three."},
        environment_id=environment.id,
    )
    assert (other.agent.version, other.agent.system) == (2, "say Three.")
    assert lab.tell(other, "Go.")[-1].stop_reason.type == "end_turn"
    assert beta.agents.retrieve(agent.id).system == "say Two."


def test_initial_events_make_it_run(beta, lab):
    session = lab.session(initial_events=[said("Hello.")])
    assert session.status in ("running", "idle")
    events = lab.rest(session)
    assert events[0].type == "user.message" and events[-1].type == "session.status_idle"
    now = beta.sessions.retrieve(session.id)
    assert now.status == "idle" and now.usage.output_tokens > 0
    assert now.stats.duration_seconds >= 0 and now.updated_at >= session.created_at


def test_an_update_is_an_event_with_what_changed(beta, lab):
    session = lab.session(lab.agent(tools=[FILES]), metadata={"a": "1"})
    changed = beta.sessions.update(session.id, title="New", metadata={"a": None, "b": "2"})
    assert (changed.title, changed.metadata) == ("New", {"b": "2"})
    updates = [e for e in lab.events(session) if e.type == "session.updated"]
    assert len(updates) == 1 and updates[0].title == "New" and updates[0].agent is None
    tools = [custom("look")]
    retooled = beta.sessions.update(session.id, agent={"tools": tools})
    assert [tool.type for tool in retooled.agent.tools] == ["custom"]
    update = [e for e in lab.events(session) if e.type == "session.updated"][-1]
    assert update.agent.tools == retooled.agent.tools and update.title is None
    error = refused(anthropic.BadRequestError, beta.sessions.update, session.id, vault_ids=["x"])
    assert error_type(error) == "invalid_request_error"


def test_a_session_is_archived_and_keeps_its_history(beta, lab):
    session = lab.session()
    lab.tell(session, "Hello.")
    before = lab.events(session)
    archived = beta.sessions.archive(session.id)
    assert archived.status == "terminated" and archived.archived_at is not None
    after = lab.events(session)
    assert after[: len(before)] == before and after[-1].type == "session.status_terminated"
    error = refused(
        anthropic.ConflictError, beta.sessions.events.send, session.id, events=[said("Again.")]
    )
    assert error.response.headers["x-should-retry"] == "false"
    assert session.id not in [s.id for s in beta.sessions.list()]
    assert session.id in [s.id for s in beta.sessions.list(include_archived=True)]


def test_a_deleted_session_is_gone(beta, lab):
    session = lab.session()
    lab.tell(session, "Hello.")
    deleted = beta.sessions.delete(session.id)
    assert (deleted.id, deleted.type) == (session.id, "session_deleted")
    refused(anthropic.NotFoundError, beta.sessions.retrieve, session.id)
    refused(anthropic.NotFoundError, lambda: beta.sessions.events.list(session.id))
    assert session.id not in [s.id for s in beta.sessions.list(include_archived=True)]


def test_lists_are_filtered_ordered_and_come_in_pages(beta, lab):
    agent, environment, store = lab.agent(), lab.environment(), lab.store()
    sessions = [lab.session(agent, environment) for _ in range(4)]
    resource = {"type": "memory_store", "memory_store_id": store.id}
    sessions.append(lab.session(agent, environment, resources=[resource]))
    made = [session.id for session in sessions]
    listed = paged(beta.sessions.list, agent_id=agent.id)
    assert len(listed) == 5
    newest_first(listed, sessions)
    newest = [s.id for s in listed]
    oldest = [s.id for s in paged(beta.sessions.list, agent_id=agent.id, order="asc")]
    assert oldest == newest[::-1]
    of_store = [s.id for s in beta.sessions.list(memory_store_id=store.id)]
    assert of_store == made[-1:]
    assert [s.id for s in beta.sessions.list(agent_id=agent.id, agent_version=1)] == newest
    assert list(beta.sessions.list(agent_id=agent.id, agent_version=2)) == []
    assert list(beta.sessions.list(agent_id=agent.id, statuses=["running"])) == []
    idle = beta.sessions.list(agent_id=agent.id, statuses=["idle", "running"])
    assert [s.id for s in idle] == newest
    second = beta.sessions.retrieve(made[1])
    later = beta.sessions.list(agent_id=agent.id, created_at_gt=second.created_at)
    assert made[4] in [s.id for s in later] and made[1] not in [s.id for s in later]


def test_pages_lead_back_as_well(beta, lab):
    agent, environment = lab.agent(), lab.environment()
    for _ in range(3):
        lab.session(agent, environment)
    first = beta.sessions.list(agent_id=agent.id, limit=2)
    assert first.prev_page is None and first.next_page
    second = first.get_next_page()
    assert second.prev_page and second.next_page is None and len(second.data) == 1
    back = beta.sessions.list(agent_id=agent.id, limit=2, page=second.prev_page)
    assert [s.id for s in back.data] == [s.id for s in first.data]
    refused(
        anthropic.BadRequestError,
        lambda: beta.sessions.list(agent_id=agent.id, order="asc", page=first.next_page),
    )


def limit(cents):
    """A budget."""
    return {"type": "limit", "max_list_cost": {"amount": str(cents), "currency": "USD"}}


def reason(error):
    """Why a budget was refused."""
    return error.body["error"]["details"]["error_code"]


def test_a_budget_is_raised_and_removed_and_not_added(beta, lab):
    # A model that is a plugin costs nothing.
    session = lab.session(budget=limit(100))
    assert session.budget.max_list_cost.amount == "100"
    lab.tell(session, "Hello.")
    raised = beta.sessions.update(session.id, budget=limit(200))
    assert raised.budget.max_list_cost.amount == "200"
    update = [e for e in lab.events(session) if e.type == "session.updated"][-1]
    assert update.budget.max_list_cost.amount == "200"
    assert raised.usage.list_cost.amount == "0"
    assert beta.sessions.update(session.id, budget=None).budget is None
    wrong, again = anthropic.BadRequestError, beta.sessions.update
    assert reason(refused(wrong, again, session.id, budget=limit(300))) == "budget_create_only"
    never = lab.session().id
    assert reason(refused(wrong, again, never, budget=limit(100))) == "budget_create_only"
    for amount in ["0", "-1", "007", "1.5"]:
        refused(wrong, lab.session, budget=limit(amount))
    unpriced = lab.agent(model="openai:of-a-neighbour")
    assert reason(refused(wrong, lab.session, unpriced, budget=limit(1))) == "model_not_budgetable"


def test_what_is_wrong_is_refused(beta, lab):
    nobody = f"sesn_{ABSENT}"
    refused(anthropic.NotFoundError, beta.sessions.retrieve, nobody)
    refused(anthropic.NotFoundError, beta.sessions.update, nobody, title="x")
    refused(anthropic.NotFoundError, beta.sessions.archive, nobody)
    refused(anthropic.NotFoundError, beta.sessions.delete, nobody)
    agent, environment = lab.agent(), lab.environment()
    right = {"agent": agent.id, "environment_id": environment.id}
    for wrong in [
        {"title": "x" * 501},
        {"metadata": {"k": "v" * 513}},
        {"initial_events": [{"type": "user.interrupt"}]},
        {"agent": {"type": "agent_with_overrides", "id": agent.id, "model": None}},
        {"extra_body": {"nonsense": 1}},
    ]:
        refused(anthropic.BadRequestError, beta.sessions.create, **{**right, **wrong})
    missing = (anthropic.NotFoundError, anthropic.BadRequestError)
    for wrong in [{"agent": f"agent_{ABSENT}"}, {"environment_id": f"env_{ABSENT}"}]:
        refused(missing, beta.sessions.create, **{**right, **wrong})
    beta.agents.archive(agent.id)
    refused((anthropic.BadRequestError, anthropic.ConflictError), beta.sessions.create, **right)
    hosted = lab.environment("self_hosted")
    uploaded = lab.file()
    refused(
        anthropic.BadRequestError,
        beta.sessions.create,
        agent=lab.agent().id,
        environment_id=hosted.id,
        resources=[{"type": "file", "file_id": uploaded.id}],
    )
