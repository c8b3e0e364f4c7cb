"""beta.memory_stores, and their memories and versions."""

import hashlib

import anthropic

from support import ABSENT, error_type, newest_first, paged, refused, unique


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_store_lives_and_is_archived_and_deleted(beta):
    name = unique("store")
    store = beta.memory_stores.create(name=name, description="Notes.", metadata={"a": "1"})
    assert store.id.startswith("memstore_") and store.type == "memory_store"
    assert (store.name, store.description, store.metadata) == (name, "Notes.", {"a": "1"})
    assert beta.memory_stores.retrieve(store.id) == store
    changed = beta.memory_stores.update(store.id, description="More.", metadata={"a": None})
    assert (changed.description, changed.metadata) == ("More.", {})
    assert changed.updated_at >= store.updated_at and changed.name == name
    memory = beta.memory_stores.memories.create(store.id, path="/a.md", content="x")
    archived = beta.memory_stores.archive(store.id)
    assert archived.archived_at is not None
    assert beta.memory_stores.archive(store.id).archived_at == archived.archived_at
    assert store.id not in [s.id for s in beta.memory_stores.list()]
    assert store.id in [s.id for s in beta.memory_stores.list(include_archived=True)]
    refused(anthropic.BadRequestError, beta.memory_stores.update, store.id, name="x")
    here = {"memory_store_id": store.id}
    refused(
        anthropic.BadRequestError,
        beta.memory_stores.memories.update,
        memory.id,
        content="y",
        **here,
    )
    deleted = beta.memory_stores.delete(store.id)
    assert (deleted.id, deleted.type) == (store.id, "memory_store_deleted")
    refused(anthropic.NotFoundError, beta.memory_stores.retrieve, store.id)


def test_stores_come_in_pages_newest_first(beta):
    made = [beta.memory_stores.create(name=unique("listed")) for _ in range(3)]
    assert made[0].description == "" and made[0].metadata == {}
    listed = paged(beta.memory_stores.list, created_at_gte=made[0].created_at)
    assert len(listed) == 3
    newest_first(listed, made)
    before = beta.memory_stores.list(created_at_lte=made[0].created_at, limit=100)
    assert made[2].id not in [s.id for s in before.data]


def test_a_memory_says_what_it_holds_in_two_views(beta, lab):
    store, of = lab.store(), beta.memory_stores.memories
    basic = of.create(store.id, path="/notes/ä.md", content="Grüße\n")
    assert basic.id.startswith("mem_") and basic.type == "memory" and basic.content is None
    assert basic.content_sha256 == sha256("Grüße\n") and basic.content_size_bytes == 8
    assert basic.memory_store_id == store.id and basic.memory_version_id.startswith("memver_")
    full = of.create(store.id, path="/empty.md", content="", view="full")
    assert (full.content, full.content_size_bytes) == ("", 0)
    here = {"memory_store_id": store.id}
    assert of.retrieve(basic.id, **here).content == "Grüße\n"
    assert of.retrieve(basic.id, view="basic", **here).content is None


def test_memories_are_listed_as_a_tree(beta, lab):
    store, of = lab.store(), beta.memory_stores.memories
    for path in ["/a.md", "/b/c.md", "/b/d/e.md", "/bb/f.md"]:
        of.create(store.id, path=path, content=path)
    everything = paged(of.list, store.id)
    assert {item.path for item in everything} == {"/a.md", "/b/c.md", "/b/d/e.md", "/bb/f.md"}
    below = [item.path for item in of.list(store.id, path_prefix="/b/")]
    assert sorted(below) == ["/b/c.md", "/b/d/e.md"]
    top = list(of.list(store.id, depth=1))
    kinds = {(item.type, item.path) for item in top}
    assert kinds == {("memory", "/a.md"), ("memory_prefix", "/b/"), ("memory_prefix", "/bb/")}
    contents = {item.content for item in of.list(store.id, view="full", limit=20)}
    assert "/b/d/e.md" in contents
    refused(anthropic.BadRequestError, lambda: of.list(store.id, depth=2))
    refused(anthropic.BadRequestError, lambda: of.list(store.id, path_prefix="/b"))
    refused(anthropic.BadRequestError, lambda: of.list(store.id, view="full", limit=21))


def test_a_change_may_ask_for_what_it_changes(beta, lab):
    store, of = lab.store(), beta.memory_stores.memories
    here = {"memory_store_id": store.id}
    first = of.create(store.id, path="/a.md", content="one")
    guard = {"type": "content_sha256", "content_sha256": first.content_sha256}
    second = of.update(first.id, content="two", precondition=guard, view="full", **here)
    assert (second.content, second.path) == ("two", "/a.md")
    assert second.memory_version_id != first.memory_version_id
    error = refused(
        anthropic.ConflictError, of.update, first.id, content="three", precondition=guard, **here
    )
    assert error_type(error) == "memory_precondition_failed_error"
    assert error.response.headers["x-should-retry"] == "false"
    same = of.update(first.id, content="two", precondition=guard, **here)
    assert same.memory_version_id == second.memory_version_id
    moved = of.update(first.id, path="/b/a.md", **here)
    assert (moved.id, moved.path) == (first.id, "/b/a.md")
    error = refused(
        anthropic.ConflictError, of.delete, first.id, expected_content_sha256=sha256("x"), **here
    )
    assert error_type(error) == "memory_precondition_failed_error"
    deleted = of.delete(first.id, expected_content_sha256=sha256("two"), **here)
    assert (deleted.id, deleted.type) == (first.id, "memory_deleted")
    refused(anthropic.NotFoundError, of.retrieve, first.id, **here)


def test_a_path_is_taken_once(beta, lab):
    store, of = lab.store(), beta.memory_stores.memories
    first = of.create(store.id, path="/a/b.md", content="x")
    for path in ["/a/b.md", "/a/b.md/c.md", "/a"]:
        error = refused(anthropic.ConflictError, of.create, store.id, path=path, content="y")
        assert error_type(error) == "memory_path_conflict_error"
        assert error.body["error"]["conflicting_memory_id"] == first.id
        assert error.body["error"]["conflicting_path"] == "/a/b.md"
    other = of.create(store.id, path="/c.md", content="z")
    refused(anthropic.ConflictError, of.update, other.id, path="/a/b.md", memory_store_id=store.id)


def test_every_change_is_a_version_that_stays(beta, lab):
    store, of = lab.store(), beta.memory_stores.memories
    versions, here = beta.memory_stores.memory_versions, {"memory_store_id": store.id}
    memory = of.create(store.id, path="/a.md", content="one")
    of.update(memory.id, content="two", **here)
    of.delete(memory.id, **here)
    of.create(store.id, path="/b.md", content="other")
    listed = paged(versions.list, store.id, memory_id=memory.id)
    assert [v.operation for v in listed] == ["deleted", "modified", "created"]
    assert {v.content for v in listed} == {None} and {v.memory_id for v in listed} == {memory.id}
    assert listed[2].content_sha256 == sha256("one") and listed[2].path == "/a.md"
    assert len(list(versions.list(store.id))) == 4
    created = list(versions.list(store.id, operation="created", view="full"))
    assert {v.content for v in created} == {"one", "other"}
    since = listed[0].created_at
    assert memory.memory_version_id in [v.id for v in versions.list(store.id, created_at_lte=since)]
    assert len(list(versions.list(store.id, created_at_gte=since))) >= 1
    assert list(versions.list(store.id, session_id=f"sesn_{ABSENT}")) == []
    assert list(versions.list(store.id, api_key_id=f"apikey_{ABSENT}")) == []
    assert list(versions.list(store.id, service_account_id=f"svac_{ABSENT}")) == []
    assert versions.retrieve(listed[1].id, **here).content == "two"
    assert versions.retrieve(listed[1].id, view="basic", **here).content is None


def test_what_an_old_version_said_can_be_made_unreadable(beta, lab):
    store, of = lab.store(), beta.memory_stores.memories
    versions, here = beta.memory_stores.memory_versions, {"memory_store_id": store.id}
    memory = of.create(store.id, path="/a.md", content="a secret")
    refused(anthropic.APIStatusError, versions.redact, memory.memory_version_id, **here)
    of.update(memory.id, content="nothing", **here)
    redacted = versions.redact(memory.memory_version_id, **here)
    assert redacted.redacted_at is not None and redacted.redacted_by is not None
    fields = [redacted.content, redacted.content_sha256, redacted.content_size_bytes, redacted.path]
    assert fields == [None] * 4
    assert versions.retrieve(redacted.id, view="full", **here).content is None


def test_what_is_wrong_is_refused(beta, lab):
    nobody, nothing = f"memstore_{ABSENT}", f"mem_{ABSENT}"
    stores, of = beta.memory_stores, beta.memory_stores.memories
    missing = anthropic.NotFoundError
    for call in [stores.retrieve, stores.archive, stores.delete]:
        refused(missing, call, nobody)
    refused(missing, stores.update, nobody, name="x")
    refused(missing, of.create, nobody, path="/a.md", content="x")
    refused(missing, lambda: of.list(nobody))
    refused(missing, lambda: stores.memory_versions.list(nobody))
    store = lab.store()
    here = {"memory_store_id": store.id}
    refused(missing, of.retrieve, nothing, **here)
    refused(missing, of.update, nothing, content="x", **here)
    refused(missing, of.delete, nothing, **here)
    refused(missing, stores.memory_versions.retrieve, f"memver_{ABSENT}", **here)
    refused(missing, stores.memory_versions.redact, f"memver_{ABSENT}", **here)
    for path in ["a.md", "/a/../b.md", "/a//b.md", "/", "/" + "/".join("x" * 21), "/a\u0000"]:
        refused(anthropic.BadRequestError, of.create, store.id, path=path, content="x")
    too_long = (anthropic.BadRequestError, anthropic.ContentTooLargeError)
    refused(too_long, of.create, store.id, path="/long.md", content="x" * 102_401)
    for wrong in [{"name": ""}, {"name": "x" * 256}, {"description": "x" * 1_025}]:
        refused(anthropic.BadRequestError, stores.create, **{"name": "x", **wrong})
