"""A server with keys: who may ask what."""

import anthropic
import pytest

import server
from support import FILES, Lab, refused

DENIED = anthropic.PermissionDeniedError


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server whose first key was made before it began."""
    folder = tmp_path_factory.mktemp("guarded")
    server.make_key(folder, "--name", "unused")
    running = server.Server(folder)
    yield running
    assert running.stop() == 0, running.said()


@pytest.fixture
def with_key(guarded):
    """Makes clients with a key."""
    clients = []

    def make(key, **fields):
        fields = {"auth_token": key, "api_key": None, **fields}
        client = anthropic.Anthropic(
            base_url=guarded.url, max_retries=0, _strict_response_validation=True, **fields
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def owner(guarded, with_key):
    """A client with a new key of the default workspace."""
    return with_key(server.make_key(guarded.folder))


def test_without_a_right_key_nothing_is_answered(with_key, owner):
    assert list(owner.beta.agents.list()) == []
    for wrong in ["x", "lucid_nobody"]:
        refused(anthropic.AuthenticationError, lambda key=wrong: with_key(key).beta.agents.list())


def test_a_key_comes_in_either_header(guarded, with_key):
    key = server.make_key(guarded.folder)
    headers = {"X-Api-Key": key, "Authorization": anthropic.Omit()}
    older = with_key("x", default_headers=headers)
    assert list(older.beta.agents.list()) == list(with_key(key).beta.agents.list())


def test_a_key_sees_its_own_workspace_alone(guarded, with_key, owner):
    other = with_key(server.make_key(guarded.folder, "--workspace", "other"))
    mine = Lab(owner).agent(name="mine")
    theirs = Lab(other).agent(name="theirs")
    assert [agent.id for agent in other.beta.agents.list()] == [theirs.id]
    refused(anthropic.NotFoundError, other.beta.agents.retrieve, mine.id)
    refused(anthropic.NotFoundError, owner.beta.agents.retrieve, theirs.id)
    owner.beta.agents.archive(mine.id)


def test_the_key_of_an_environment_is_for_its_queue_and_its_sessions(guarded, with_key, owner):
    lab = Lab(owner)
    agent = lab.agent('call bash {"command": "echo"}', "say Done.", tools=[FILES])
    environment, elsewhere = lab.environment("self_hosted"), lab.environment("self_hosted")
    session, foreign = lab.session(agent, environment), lab.session(agent, elsewhere)
    lab.tell(session, "Go.")
    key = server.make_key(guarded.folder, "--environment", environment.id)
    worker = with_key(key).beta
    work = worker.environments.work
    item = work.poll(environment.id)
    assert item.data.id == session.id and work.stats(environment.id).pending == 1
    work.ack(item.id, environment_id=environment.id)
    assert [each.id for each in work.list(environment.id)] == [item.id]
    assert worker.sessions.retrieve(session.id).id == session.id
    assert list(worker.sessions.events.list(session.id))
    here = {"environment_id": environment.id}
    refused(DENIED, work.poll, elsewhere.id)
    refused(DENIED, work.retrieve, item.id, **here)
    refused(DENIED, work.update, item.id, metadata={}, **here)
    refused(DENIED, worker.sessions.retrieve, foreign.id)
    refused(DENIED, lambda: worker.sessions.list())
    refused(DENIED, lambda: worker.agents.list())
    refused(DENIED, worker.memory_stores.retrieve, lab.store().id)
    assert work.stop(item.id, force=True, **here).state == "stopped"
    assert owner.beta.environments.work.retrieve(item.id, **here).state == "stopped"
