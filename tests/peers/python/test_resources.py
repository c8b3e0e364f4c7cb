"""beta.sessions.resources."""

import anthropic
from anthropic.types import FileNotDownloadableError

from support import ABSENT, FILES, error_type, of_type, paged, refused, words


def test_a_file_is_a_copy_that_the_agent_reads(beta, lab):
    notes = lab.file("notes.txt", b"The answer is 42.\n")
    agent = lab.agent(
        'call read {"file_path": "/mnt/session/uploads/notes.txt"}', "say {result}", tools=[FILES]
    )
    resource = {"type": "file", "file_id": notes.id, "mount_path": "/mnt/session/uploads/notes.txt"}
    session = lab.session(agent, resources=[resource])
    (attached,) = session.resources
    assert attached.id.startswith("sesrsc_") and attached.type == "file"
    assert attached.mount_path == "/mnt/session/uploads/notes.txt"
    assert attached.file_id != notes.id
    events = lab.tell(session, "Read.")
    assert "The answer is 42." in words(of_type(events, "agent.message")[-1])
    scoped = [file.id for file in beta.files.list(scope_id=session.id)]
    assert attached.file_id in scoped
    # Uploads are not given out again, and neither are their copies.
    error = refused(FileNotDownloadableError, beta.files.download, attached.file_id)
    assert error.status_code == 400


def test_files_come_and_go_while_a_session_lives(beta, lab):
    session = lab.session()
    of = beta.sessions.resources
    added = [
        of.add(session.id, type="file", file_id=lab.file(f"{n}.txt").id, mount_path=f"{n}.txt")
        for n in range(3)
    ]
    assert {resource.id for resource in paged(of.list, session.id)} == {r.id for r in added}
    assert added[0].mount_path == "/mnt/session/uploads/0.txt"
    plain = of.add(session.id, type="file", file_id=lab.file().id)
    assert plain.mount_path.startswith("/mnt/session/uploads/")
    assert of.retrieve(added[0].id, session_id=session.id) == added[0]
    deleted = of.delete(added[0].id, session_id=session.id)
    assert (deleted.id, deleted.type) == (added[0].id, "session_resource_deleted")
    refused(anthropic.NotFoundError, of.retrieve, added[0].id, session_id=session.id)
    assert added[0].id not in [r.id for r in beta.sessions.retrieve(session.id).resources]


def test_a_memory_store_is_attached_when_a_session_is_made(beta, lab):
    store = lab.store(name="House Style", description="How we write.")
    beta.memory_stores.memories.create(store.id, path="/rules.md", content="Write plainly.\n")
    agent = lab.agent(
        'call read {"file_path": "/mnt/memory/house-style/rules.md"}', "say {result}", tools=[FILES]
    )
    resource = {
        "type": "memory_store",
        "memory_store_id": store.id,
        "access": "read_only",
        "instructions": "Read it first.",
    }
    session = lab.session(agent, resources=[resource])
    (attached,) = session.resources
    assert (attached.type, attached.memory_store_id) == ("memory_store", store.id)
    assert (attached.access, attached.name) == ("read_only", "House Style")
    assert attached.mount_path == "/mnt/memory/house-style"
    assert attached.description == "How we write." and attached.instructions == "Read it first."
    assert "Write plainly." in words(of_type(lab.tell(session, "Read."), "agent.message")[-1])


def test_what_this_server_does_not_bring_into_sessions_it_says(beta, lab):
    resource = {"type": "github_repository", "url": "https://git.example/team/project"}
    error = refused(anthropic.HTTPNotImplementedError, lab.session, resources=[resource])
    assert error_type(error) == "api_error" and "repositories" in str(error)


def test_what_is_wrong_is_refused(beta, lab):
    session, of = lab.session(), beta.sessions.resources
    nobody, here = f"sesrsc_{ABSENT}", {"session_id": session.id}
    refused(anthropic.NotFoundError, of.retrieve, nobody, **here)
    refused(anthropic.NotFoundError, of.delete, nobody, **here)
    refused(anthropic.NotFoundError, of.update, nobody, authorization_token="x", **here)
    refused(anthropic.NotFoundError, lambda: of.list(f"sesn_{ABSENT}"))
    missing = (anthropic.NotFoundError, anthropic.BadRequestError)
    refused(missing, of.add, session.id, type="file", file_id=f"file_{ABSENT}")
    uploaded = lab.file()
    attached = of.add(session.id, type="file", file_id=uploaded.id)
    refused(anthropic.BadRequestError, of.update, attached.id, authorization_token="x", **here)
    escape = {"type": "file", "file_id": uploaded.id, "mount_path": "../../etc/passwd"}
    refused(anthropic.BadRequestError, of.add, session.id, **escape)
    store = {"type": "memory_store", "memory_store_id": lab.store().id}
    extra = {"memory_store_id": store["memory_store_id"]}
    refused(
        anthropic.BadRequestError,
        of.add,
        session.id,
        type="memory_store",
        file_id=uploaded.id,
        extra_body=extra,
    )
