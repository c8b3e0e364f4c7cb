"""The plugin as Lucid sees it: reads what there is, and proposes what to change.

What it looks for is in failures.py: that is the place for your own code.
"""

from collections.abc import Callable, Iterator

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import dream_strategy
from wit_world.imports import log, memories, proposals, transcripts

import failures

PLAYBOOK = "/playbook.md"
PAGE = 200


class DreamStrategy(exports.DreamStrategy):
    def dream(self, request: dream_strategy.Request) -> dream_strategy.Summary:
        entries = read_entries()
        found, sessions_read = read_sessions()
        operations = merges(entries)
        operations += additions(entries, found.frequent(request.instructions))
        operations = operations[: request.operations_max]
        accepted = 0
        for number, operation in enumerate(operations):
            report("proposing", number, len(operations))
            accepted += propose(operation)
        return dream_strategy.Summary(
            text=f"{accepted} of {len(operations)} proposals were accepted.",
            sessions_read=sessions_read,
            hypotheses_tested=len(found.found),
        )


def read_entries() -> list[failures.Entry]:
    return [
        failures.Entry(entry.id, entry.path, entry.index, entry.text)
        for entry in pages(memories.list_entries)
        if entry.kind != memories.EntryKind.HEADING
    ]


def read_sessions() -> tuple[failures.Failures, int]:
    """The failures in all sessions that can be read, and how many those are."""
    found, read = failures.Failures(), 0
    sessions = list(pages(transcripts.list_sessions))
    for number, session in enumerate(sessions):
        report("reading sessions", number, len(sessions), session.id)
        try:
            with transcripts.open(session.id) as transcript:
                events = [
                    failures.Event(event.id, event.kind, event.body_json)
                    for event in pages(transcript.read)
                ]
        except Err as error:
            why = error.value.value
            log.write(log.Level.WARN, f"{session.id} cannot be read: {why}")
        else:
            found.read(session.id, events)
            read += 1
    if sessions and read == 0:
        raise Err(dream_strategy.DreamError_UnreadableInput("no session could be read"))
    return found, read


def merges(entries: list[failures.Entry]) -> list[proposals.Operation]:
    return [
        proposals.Operation(
            change=proposals.Change_Merge(proposals.Merge(ids, survivor_id=ids[0])),
            reason=f"{len(ids)} entries say the same.",
            evidence=[],
        )
        for ids in failures.duplicates(entries)
    ]


def additions(
    entries: list[failures.Entry], frequent: list[failures.Failure]
) -> list[proposals.Operation]:
    known = {failures.normal(entry.text) for entry in entries}
    new = [it for it in frequent if failures.normal(it.entry()) not in known]
    return [addition(failure) for failure in new]


def addition(failure: failures.Failure) -> proposals.Operation:
    draft = proposals.Draft(PLAYBOOK, failure.entry())
    kind = proposals.RuleKind.FAILURE_FIX
    return proposals.Operation(
        change=proposals.Change_Add(proposals.Addition(draft, kind, statistics=None)),
        reason=f"`{failure.tool}` failed alike in {len(failure.quotes)} sessions.",
        evidence=[
            proposals.Evidence(quote.session_id, quote.event_id, quote.text)
            for quote in failure.quotes[: failures.QUOTES_MAX]
        ],
    )


def propose(operation: proposals.Operation) -> bool:
    """Whether the host accepted it. It checks every quote and every bound."""
    try:
        proposals.emit(operation)
    except Err as error:
        # `error.value` is a case of `proposals.Rejection`, which holds a text.
        why = error.value.value
        log.write(log.Level.WARN, f"refused ({why}): {operation.reason}")
        return False
    return True


def report(phase: str, done: int, total: int, session_id: str | None = None) -> None:
    proposals.report(proposals.Progress(phase, done, total, session_id))


def pages(read: Callable[[int, int], list]) -> Iterator:
    """Everything that `read(offset, limit)` gives, page by page."""
    offset = 0
    while page := read(offset, PAGE):
        yield from page
        offset += len(page)
