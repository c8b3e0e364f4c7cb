"""beta.sessions.threads and beta.sessions.threads.events."""

import anthropic

from support import ABSENT, of_type, paged, refused, said, words


def team(lab):
    """A session whose lead asked two agents, and rests."""
    ada, bob = lab.agent(name="ada"), lab.agent(name="bob")
    lead = lab.agent(
        'call send_to_agent {"agent_name": "ada", "message": "Count."}',
        'and call send_to_agent {"agent_name": "bob", "message": "Weigh."}',
        "call await_threads {}",
        "say Both are done.",
        name="lead",
        multiagent={"type": "coordinator", "agents": [ada.id, bob.id]},
    )
    session = lab.session(lead)
    lab.tell(session, "Go.")
    return session


def test_a_session_has_a_primary_thread(beta, lab):
    session = lab.session()
    lab.tell(session, "Hello.")
    (thread,) = beta.sessions.threads.list(session.id)
    assert thread.id.startswith("sthr_") and thread.type == "session_thread"
    assert (thread.session_id, thread.parent_thread_id) == (session.id, None)
    assert thread.status == "idle" and thread.agent.id == session.agent.id
    assert thread.archived_at is None and thread.workflow_run_id is None
    now = beta.sessions.threads.retrieve(thread.id, session_id=session.id)
    # How long it is there grows all the time.
    now.stats = thread.stats
    assert now == thread
    named = [
        e.session_thread_id for e in lab.events(session) if e.type.startswith("session.thread_")
    ]
    assert set(named) == {thread.id}


def test_a_team_has_a_thread_for_each_agent(beta, lab):
    session = team(lab)
    primary, *children = paged(beta.sessions.threads.list, session.id)
    assert primary.parent_thread_id is None
    assert {thread.agent.name for thread in children} == {"ada", "bob"}
    assert {thread.parent_thread_id for thread in children} == {primary.id}
    assert {thread.status for thread in children} == {"idle"}
    idle = [t.id for t in beta.sessions.threads.list(session.id, statuses=["idle"])]
    assert len(idle) == 3
    assert list(beta.sessions.threads.list(session.id, statuses=["running"])) == []


def test_each_thread_has_a_history_of_its_own(beta, lab):
    session = team(lab)
    ada = next(t for t in beta.sessions.threads.list(session.id) if t.agent.name == "ada")
    of_thread = beta.sessions.threads.events
    events = paged(of_thread.list, ada.id, session_id=session.id)
    (heard,) = of_type(events, "agent.thread_message_received")
    (told,) = of_type(events, "agent.thread_message_sent")
    assert words(heard) == "Count." and "Count." in words(told)
    assert of_type(events, "agent.message")
    primary = lab.events(session)
    sent = of_type(primary, "agent.thread_message_sent")
    assert {event.to_agent_name for event in sent} == {"ada", "bob"}
    assert len(of_type(primary, "agent.thread_message_received")) == 2


def test_a_threads_stream_gives_its_own_events(beta, lab):
    session = team(lab)
    primary = beta.sessions.threads.list(session.id).data[0]
    with beta.sessions.threads.events.stream(primary.id, session_id=session.id) as stream:
        (sent,) = lab.send(session, said("Again."))
        seen = []
        for event in stream:
            seen.append(event)
            if event.type == "session.status_idle":
                break
            if event.type == "session.thread_status_idle" and event.session_thread_id == primary.id:
                break
    assert sent.id in [event.id for event in seen]
    assert of_type(seen, "agent.message")


def test_an_idle_thread_is_archived(beta, lab):
    session = team(lab)
    child = next(t for t in beta.sessions.threads.list(session.id) if t.parent_thread_id)
    archived = beta.sessions.threads.archive(child.id, session_id=session.id)
    assert archived.status == "terminated" and archived.archived_at is not None
    ended = of_type(lab.events(session), "session.thread_status_terminated")
    assert [event.session_thread_id for event in ended] == [child.id]
    primary = beta.sessions.threads.list(session.id).data[0]
    kinds = (anthropic.BadRequestError, anthropic.ConflictError)
    refused(kinds, beta.sessions.threads.archive, primary.id, session_id=session.id)


def test_what_is_not_there_is_refused(beta, lab):
    session, other = lab.session(), lab.session()
    lab.tell(other, "Hello.")
    foreign = beta.sessions.threads.list(other.id).data[0].id
    of_thread = beta.sessions.threads.events
    for thread in [f"sthr_{ABSENT}", foreign]:
        here = {"session_id": session.id}
        missing = anthropic.NotFoundError
        refused(missing, beta.sessions.threads.retrieve, thread, **here)
        refused(missing, beta.sessions.threads.archive, thread, **here)
        refused(missing, lambda: of_thread.list(thread, **here))
        refused(missing, lambda: of_thread.stream(thread, **here))
    refused(anthropic.NotFoundError, lambda: beta.sessions.threads.list(f"sesn_{ABSENT}"))
