"""beta.dreams."""

import anthropic
import pytest

from support import ABSENT, cancel_one, lab_dream, newest_first, paged, refused, until


@pytest.fixture
def material(lab):
    """A store and a session to dream of."""
    store = lab.store()
    memories = lab.beta.memory_stores.memories
    memories.create(store.id, path="/facts.md", content="- The door is green.\n")
    memories.create(store.id, path="/more.md", content="- The door is green.\n")
    session = lab.session()
    lab.tell(session, "Remember: the door is green.")
    return store, session


def ended(beta, dream):
    """Waits until a dream is over."""

    def look():
        now = beta.dreams.retrieve(dream.id)
        return now if now.status in ("completed", "failed", "canceled") else None

    return until(look, "the end of the dream")


def test_a_dream_makes_a_store_and_leaves_the_old_one_alone(beta, material):
    store, session = material
    dream = lab_dream(beta, store, session, instructions="Keep it short.")
    assert dream.id.startswith("drm_") and dream.type == "dream" and dream.status == "pending"
    assert dream.outputs == [] and dream.session_id is None and dream.ended_at is None
    memory, sessions = dream.inputs
    assert (memory.type, memory.memory_store_id) == ("memory_store", store.id)
    assert (sessions.type, sessions.session_ids) == ("sessions", [session.id])
    assert dream.instructions == "Keep it short." and dream.output_behavior.type == "create_new"
    assert dream.usage.input_tokens == dream.usage.output_tokens == 0
    done = ended(beta, dream)
    assert done.status == "completed" and done.error is None and done.ended_at is not None
    (output,) = done.outputs
    assert output.type == "memory_store" and output.memory_store_id != store.id
    assert list(beta.memory_stores.memories.list(output.memory_store_id))
    kept = {
        m.path: m.content for m in beta.memory_stores.memories.list(store.id, view="full", limit=20)
    }
    assert kept == {"/facts.md": "- The door is green.\n", "/more.md": "- The door is green.\n"}
    refused(anthropic.BadRequestError, beta.dreams.cancel, dream.id)


def test_a_dream_is_archived_when_it_is_over(beta, material):
    dream = lab_dream(beta, *material)
    ended(beta, dream)
    archived = beta.dreams.archive(dream.id)
    assert archived.archived_at is not None
    assert beta.dreams.archive(dream.id).archived_at == archived.archived_at
    assert dream.id not in [d.id for d in beta.dreams.list()]
    assert dream.id in [d.id for d in beta.dreams.list(include_archived=True)]


def test_a_canceled_dream_stays_canceled(beta, material):
    dream, canceled = cancel_one(beta, lambda: lab_dream(beta, *material))
    assert canceled.status == "canceled" and canceled.ended_at is not None
    assert beta.dreams.cancel(dream.id).status == "canceled"
    assert ended(beta, dream).status == "canceled"


def test_dreams_are_filtered_and_come_in_pages(beta, material):
    made = [lab_dream(beta, *material) for _ in range(3)]
    for dream in made:
        ended(beta, dream)
    newest_first(paged(beta.dreams.list), made)
    completed = [d.id for d in beta.dreams.list(statuses=["completed", "failed"], limit=100)]
    assert {d.id for d in made} <= set(completed)
    first = made[0].created_at
    assert made[0].id not in [d.id for d in beta.dreams.list(created_at_gt=first)]
    assert made[2].id not in [d.id for d in beta.dreams.list(created_at_lt=first)]


def test_what_is_wrong_is_refused(beta, material):
    store, session = material
    nobody = f"drm_{ABSENT}"
    for call in [beta.dreams.retrieve, beta.dreams.cancel, beta.dreams.archive]:
        refused(anthropic.NotFoundError, call, nobody)
    memory = {"type": "memory_store", "memory_store_id": store.id}
    sessions = {"type": "sessions", "session_ids": [session.id]}
    wrong = (anthropic.BadRequestError, anthropic.NotFoundError)
    for inputs in [
        [],
        [memory],
        [sessions],
        [memory, memory, sessions],
        [memory, {**sessions, "session_ids": []}],
        [memory, {**sessions, "session_ids": [session.id, session.id]}],
        [memory, {**sessions, "session_ids": [f"sesn_{ABSENT}"]}],
        [{**memory, "memory_store_id": f"memstore_{ABSENT}"}, sessions],
    ]:
        refused(wrong, beta.dreams.create, inputs=inputs, model="strategy:consolidate")
    right = {"inputs": [memory, sessions], "model": "strategy:consolidate"}
    refused(anthropic.BadRequestError, beta.dreams.create, **{**right, "instructions": ""})
    refused(anthropic.BadRequestError, beta.dreams.create, **{**right, "model": ""})
