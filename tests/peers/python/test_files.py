"""beta.files."""

import anthropic

from support import ABSENT, FILES, paged, refused, unique, until


def test_a_file_is_kept_as_it_came(beta):
    content = bytes(range(256)) * 1_000
    file = beta.files.upload(file=("folder/data.bin", content, "application/octet-stream"))
    assert file.id.startswith("file_") and file.type == "file"
    assert (file.filename, file.size_bytes) == ("data.bin", len(content))
    assert file.mime_type == "application/octet-stream" and file.scope is None
    assert beta.files.retrieve_metadata(file.id) == file
    deleted = beta.files.delete(file.id)
    assert (deleted.id, deleted.type) == (file.id, "file_deleted")
    refused(anthropic.NotFoundError, beta.files.retrieve_metadata, file.id)


def test_files_may_expire(beta):
    file = beta.files.upload(file=("a.txt", b"x", "text/plain"), expires_in_seconds=3_600)
    assert 3_590 < (file.expires_at - file.created_at).total_seconds() <= 3_600
    for seconds in [3_599, 7_776_001]:
        refused(
            anthropic.BadRequestError,
            beta.files.upload,
            file=("a.txt", b"x", "text/plain"),
            expires_in_seconds=seconds,
        )


def test_files_are_listed_by_page_or_by_id(beta):
    made = [beta.files.upload(file=(f"{unique('f')}.txt", b"x", "text/plain")).id for _ in range(3)]
    assert set(made) <= {file.id for file in paged(beta.files.list)}
    some = list(beta.files.list(ids=[made[0], made[2], f"file_{ABSENT}"]))
    assert {file.id for file in some} == {made[0], made[2]}
    refused(anthropic.BadRequestError, lambda: beta.files.list(ids=made, limit=2))


def test_what_a_session_leaves_behind_is_downloaded(beta, lab):
    agent = lab.agent(
        'call write {"file_path": "/mnt/session/outputs/report.md", "content": "# Report"}',
        "say Done.",
        tools=[FILES],
    )
    session = lab.session(agent)
    lab.tell(session, "Go.")
    (file,) = until(lambda: list(beta.files.list(scope_id=session.id)), "the output")
    assert (file.filename, file.downloadable) == ("report.md", True)
    assert (file.scope.type, file.scope.id) == ("session", session.id)
    assert beta.files.download(file.id).read() == b"# Report"
    assert beta.files.retrieve_metadata(file.id) == file


def test_what_is_wrong_is_refused(beta):
    nobody = f"file_{ABSENT}"
    for call in [beta.files.retrieve_metadata, beta.files.download, beta.files.delete]:
        refused(anthropic.NotFoundError, call, nobody)
    assert list(beta.files.list(scope_id=f"sesn_{ABSENT}")) == []
