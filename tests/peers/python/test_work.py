"""beta.environments.work: the queue of a self-hosted environment, and its poller."""

import base64
import json
import threading
import time

import anthropic
import pytest
from anthropic.lib.environments import _poller
from anthropic.types.beta import BetaEnvironmentNotFoundError
from anthropic.types.beta.environments import BetaHeartbeatPreconditionFailedError

from support import ABSENT, FILES, error_type, one, paged, refused, until

FIRST = {"expected_last_heartbeat": "NO_HEARTBEAT"}
# What a worker polled is its own for as long as any test may take.
KEPT = {"reclaim_older_than_ms": 3_600_000}


@pytest.fixture
def work(beta):
    return beta.environments.work


@pytest.fixture
def hosted(lab):
    """A self-hosted environment, and an agent that wants something run in it."""
    agent = lab.agent('call bash {"command": "echo hi"}', "say {result}", tools=[FILES])
    return lab.environment("self_hosted"), agent


def wanting(lab, hosted):
    """A session that waits for a worker."""
    environment, agent = hosted
    session = lab.session(agent, environment)
    lab.tell(session, "Go.")
    return session


def token_of(item):
    """The token in an item's secret, as the SDK reads it."""
    padded = item.secret + "=" * (-len(item.secret) % 4)
    return json.loads(base64.urlsafe_b64decode(padded))["sessions_token"]


def as_worker(lucid, item):
    """A client with the token of an item, and no other key."""
    return anthropic.Anthropic(
        base_url=lucid.url,
        auth_token=token_of(item),
        api_key=None,
        max_retries=0,
        _strict_response_validation=True,
    )


def here(hosted):
    return {"environment_id": hosted[0].id}


def test_a_session_that_needs_a_worker_queues_an_item(work, lab, hosted):
    session = wanting(lab, hosted)
    events = lab.events(session)
    call = one(events, "agent.tool_use")
    assert call.evaluated_permission == "allow" and call.name == "bash"
    assert events[-1].stop_reason.type == "requires_action"
    assert events[-1].stop_reason.event_ids == [call.id]
    (item,) = work.list(hosted[0].id)
    assert item.id.startswith("work_") and item.type == "work" and item.state == "queued"
    assert (item.data.type, item.data.id) == ("session", session.id)
    assert item.environment_id == hosted[0].id and item.metadata == {} and item.secret is None
    assert item.acknowledged_at is item.started_at is item.latest_heartbeat_at is None
    assert item.stop_requested_at is item.stopped_at is None
    assert work.retrieve(item.id, **here(hosted)) == item


def test_an_item_goes_from_the_queue_to_its_end(work, lab, hosted):
    wanting(lab, hosted)
    where = here(hosted)
    item = work.poll(hosted[0].id, block_ms=500, anthropic_worker_id="worker-1")
    assert item.state == "queued" and item.secret
    assert token_of(item)
    assert work.poll(hosted[0].id, block_ms=1, **KEPT) is None
    taken = work.ack(item.id, **where)
    assert taken.state == "starting" and taken.acknowledged_at and taken.secret is None
    first = work.heartbeat(item.id, desired_ttl_seconds=60, **FIRST, **where)
    assert first.type == "work_heartbeat" and first.state == "active" and first.lease_extended
    assert first.ttl_seconds == 60 and first.last_heartbeat
    second = work.heartbeat(item.id, expected_last_heartbeat=first.last_heartbeat, **where)
    assert second.last_heartbeat > first.last_heartbeat and second.lease_extended
    active = work.retrieve(item.id, **where)
    assert active.state == "active" and active.started_at
    assert active.latest_heartbeat_at == second.last_heartbeat
    stopping = work.stop(item.id, **where)
    assert stopping.state == "stopping" and stopping.stop_requested_at
    told = work.heartbeat(item.id, expected_last_heartbeat="whatever", **where)
    assert (told.state, told.lease_extended) == ("stopping", False)
    stopped = work.stop(item.id, force=True, **where)
    assert stopped.state == "stopped" and stopped.stopped_at
    assert work.heartbeat(item.id, **where).state == "stopped"
    error = refused(anthropic.ConflictError, work.stop, item.id, force=True, **where)
    assert error.response.headers["x-should-retry"] == "false"
    refused(anthropic.ConflictError, work.ack, item.id, **where)


def test_a_lease_is_one_workers(work, lab, hosted):
    wanting(lab, hosted)
    where = here(hosted)
    item = work.poll(hosted[0].id)
    refused(BetaHeartbeatPreconditionFailedError, work.heartbeat, item.id, **FIRST, **where)
    work.ack(item.id, **where)
    beat = work.heartbeat(item.id, **FIRST, **where)
    for expected in ["NO_HEARTBEAT", "2020-01-01T00:00:00Z"]:
        error = refused(
            BetaHeartbeatPreconditionFailedError,
            work.heartbeat,
            item.id,
            expected_last_heartbeat=expected,
            **where,
        )
        assert error.status_code == 412 and error_type(error) == "invalid_request_error"
        state = error.body["error"]["details"]["current_state"]
        assert state == {
            "state": "active",
            "last_heartbeat": beat.last_heartbeat,
            "ttl_seconds": beat.ttl_seconds,
            "lease_extended": False,
        }


def test_what_nobody_acknowledges_or_keeps_is_given_out_again(work, lab, hosted):
    wanting(lab, hosted)
    where, environment = here(hosted), hosted[0].id
    item = work.poll(environment)
    time.sleep(0.02)
    assert work.poll(environment, reclaim_older_than_ms=10).id == item.id
    assert work.poll(environment, **KEPT) is None
    work.ack(item.id, **where)
    beat = work.heartbeat(item.id, desired_ttl_seconds=1, **FIRST, **where)
    time.sleep(1.1)
    error = refused(
        BetaHeartbeatPreconditionFailedError,
        work.heartbeat,
        item.id,
        expected_last_heartbeat=beat.last_heartbeat,
        **where,
    )
    assert error.body["error"]["details"]["current_state"]["state"] == "queued"
    assert work.poll(environment).id == item.id


def test_a_poll_that_waits_is_told_at_once(work, lab, hosted):
    polls = (work.poll(hosted[0].id, block_ms=999) for _ in range(30))
    found = []
    poller = threading.Thread(target=lambda: found.append(next(filter(None, polls))))
    poller.start()
    session = wanting(lab, hosted)
    poller.join(30)
    assert [item.data.id for item in found] == [session.id]


def test_a_session_has_one_item_at_a_time(work, lab, hosted):
    environment, _ = hosted
    agent = lab.agent(
        'call bash {"command": "1"}', 'call bash {"command": "2"}', "say Done.", tools=[FILES]
    )
    session = lab.session(agent, environment)
    first = one(lab.tell(session, "Go."), "agent.tool_use")
    answer = {"type": "user.tool_result", "content": [{"type": "text", "text": "one"}]}
    (sent,) = lab.send(session, {**answer, "tool_use_id": first.id})
    assert sent.processed_at is not None and sent.tool_use_id == first.id
    second = one(lab.rest(session, sent.id), "agent.tool_use")
    assert len(list(work.list(environment.id))) == 1
    (sent,) = lab.send(session, {**answer, "tool_use_id": second.id})
    assert lab.rest(session, sent.id)[-1].stop_reason.type == "end_turn"


def test_the_queue_is_counted(work, lab, hosted):
    environment = hosted[0].id
    empty = work.stats(environment)
    assert empty.type == "work_queue_stats"
    assert (empty.depth, empty.pending, empty.oldest_queued_at) == (0, 0, None)
    wanting(lab, hosted), wanting(lab, hosted)
    assert work.stats(environment).depth == 2
    work.poll(environment, anthropic_worker_id="a")
    work.poll(environment, anthropic_worker_id="b", reclaim_older_than_ms=60_000)
    full = work.stats(environment)
    assert (full.depth, full.pending, full.workers_polling) == (0, 2, 2)
    assert full.oldest_queued_at


def test_items_have_metadata_and_come_in_pages(work, lab, hosted):
    for _ in range(3):
        wanting(lab, hosted)
    items = paged(work.list, hosted[0].id)
    assert len(items) == 3 and len({item.data.id for item in items}) == 3
    where = here(hosted)
    noted = work.update(items[0].id, metadata={"host": "a", "x": "1"}, **where)
    assert noted.metadata == {"host": "a", "x": "1"} and noted.state == "queued"
    assert work.update(items[0].id, metadata={"x": None}, **where).metadata == {"host": "a"}


def test_the_poller_of_the_sdk_takes_what_there_is(client, lab, hosted):
    sessions = {wanting(lab, hosted).id, wanting(lab, hosted).id}
    work = client.beta.environments.work
    polled = _poller.iter_work(work, environment_id=hosted[0].id, drain=True, block_ms=None)
    items = []
    for item in polled:
        assert work.retrieve(item.id, **here(hosted)).state == "starting"
        items.append(item)
    assert {item.data.id for item in items} == sessions
    states = {work.retrieve(item.id, **here(hosted)).state for item in items}
    assert states <= {"stopping", "stopped"}


def test_a_token_of_an_item_opens_its_session_and_nothing_else(lucid, work, lab, hosted):
    session, other = wanting(lab, hosted), lab.session()
    item = work.poll(hosted[0].id)
    with as_worker(lucid, item) as worker:
        beta = worker.beta
        assert beta.sessions.retrieve(session.id).id == session.id
        assert list(beta.sessions.events.list(session.id))
        beta.environments.work.ack(item.id, **here(hosted))
        denied = anthropic.PermissionDeniedError
        refused(denied, beta.sessions.retrieve, other.id)
        refused(denied, beta.sessions.delete, session.id)
        refused(denied, beta.environments.work.retrieve, item.id, **here(hosted))
        refused(denied, lambda: beta.agents.list())
        refused(denied, beta.memory_stores.retrieve, lab.store().id)


def test_a_token_opens_the_memory_of_its_session_as_it_is_attached(lucid, work, lab, hosted):
    environment, agent = hosted
    mine, read, foreign = lab.store(), lab.store(), lab.store()
    resources = [
        {"type": "memory_store", "memory_store_id": mine.id},
        {"type": "memory_store", "memory_store_id": read.id, "access": "read_only"},
    ]
    session = lab.session(agent, environment, resources=resources)
    lab.tell(session, "Go.")
    with as_worker(lucid, work.poll(environment.id)) as worker:
        of = worker.beta.memory_stores.memories
        made = of.create(mine.id, path="/found.md", content="Found.")
        (listed,) = of.list(mine.id, view="full", limit=20)
        assert (listed.id, listed.content) == (made.id, "Found.")
        assert list(of.list(read.id)) == []
        denied = anthropic.PermissionDeniedError
        refused(denied, of.create, read.id, path="/a.md", content="x")
        refused(denied, lambda: of.list(foreign.id))
    (version,) = lab.beta.memory_stores.memory_versions.list(mine.id)
    assert version.created_by.session_id == session.id


def test_what_a_worker_gives_back_is_another_workers_a_little_later(lucid, work, lab, hosted):
    session, environment = wanting(lab, hosted), hosted[0].id
    first = work.poll(environment)
    work.ack(first.id, **here(hosted))
    with as_worker(lucid, first) as worker:
        given_back = time.monotonic()
        stopped = worker.beta.environments.work.stop(first.id, force=True, **here(hosted))
    assert stopped.state == "stopped"
    second = until(lambda: work.poll(environment, block_ms=500), "the item again")
    # A second; the two clocks need not agree to the last of it.
    assert time.monotonic() - given_back > 0.9
    assert second.id != first.id and second.data.id == session.id
    # Whoever stops it with an API key means it.
    work.stop(second.id, force=True, **here(hosted))
    assert work.stats(environment).depth == work.stats(environment).pending == 0


def test_what_is_wrong_is_refused(work, hosted):
    environment, where = hosted[0].id, here(hosted)
    nobody, nothing = f"env_{ABSENT}", f"work_{ABSENT}"
    for call in [work.poll, work.stats, lambda id: work.list(id)]:
        refused(BetaEnvironmentNotFoundError, call, nobody)
    for call in [work.retrieve, work.ack, work.heartbeat, work.stop]:
        refused(anthropic.NotFoundError, call, nothing, **where)
    refused(anthropic.NotFoundError, work.update, nothing, metadata={}, **where)
    for block_ms in [0, 1_000]:
        refused(anthropic.BadRequestError, work.poll, environment, block_ms=block_ms)
    assert work.poll(environment) is None
