"""beta.sessions.events: sending, listing, streaming, and the SDK's own helpers."""

import datetime
import threading

import anthropic
from anthropic.lib.sessions import accumulate_managed_agents_event

from support import ABSENT, custom, is_one_turn, of_type, one, paged, refused, said, words

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)


def test_a_turn_has_its_events_in_order(lab):
    session = lab.session()
    (message,) = lab.send(session, said("Hello there."))
    assert message.id.startswith("sevt_") and words(message) == "Hello there."
    events = lab.rest(session, message.id)
    is_one_turn(events)
    assert words(one(events, "agent.message")) == "Hello there."
    start, end = one(events, "span.model_request_start"), one(events, "span.model_request_end")
    assert end.model_request_start_id == start.id and not end.is_error
    assert end.model_usage.input_tokens > 0 and end.model_usage.output_tokens > 0
    assert one(events, "session.usage").usage.output_tokens == end.model_usage.output_tokens
    assert one(events, "session.status_idle").stop_reason.type == "end_turn"
    everything = lab.events(session)
    assert len({event.id for event in everything}) == len(everything)
    times = [event.processed_at for event in everything]
    assert None not in times and times == sorted(times)


def test_lists_are_filtered_ordered_and_come_in_pages(beta, lab):
    session = lab.session()
    lab.tell(session, "One.")
    lab.tell(session, "Two.")
    everything = paged(beta.sessions.events.list, session.id, limit=5)
    backwards = paged(beta.sessions.events.list, session.id, limit=5, order="desc")
    assert [e.id for e in backwards] == [e.id for e in reversed(everything)]
    types = ["user.message", "agent.message"]
    talk = paged(beta.sessions.events.list, session.id, types=types)
    assert [words(event) for event in talk] == ["One.", "One.", "Two.", "Two."]
    second = talk[2].processed_at
    later = list(beta.sessions.events.list(session.id, types=types, created_at_gte=second))
    assert [e.id for e in later] == [e.id for e in talk[2:]]
    earlier = list(beta.sessions.events.list(session.id, types=types, created_at_lt=second))
    assert [e.id for e in earlier] == [e.id for e in talk[:2]]
    far = second + datetime.timedelta(days=1)
    assert list(beta.sessions.events.list(session.id, created_at_gt=far)) == []
    assert len(list(beta.sessions.events.list(session.id, created_at_lte=far))) == len(everything)


def test_a_stream_gives_what_the_list_gives_each_once(beta, lab):
    session = lab.session()
    before = lab.tell(session, "Before.")
    with beta.sessions.events.stream(session.id) as stream:
        lab.send(session, said("Now."))
        streamed = []
        for event in stream:
            streamed.append(event)
            if event.type == "session.status_idle":
                break
    listed = lab.events(session, after=before[-1].id)
    assert [e.id for e in streamed] == [e.id for e in listed]
    assert [e.to_dict() for e in streamed] == [e.to_dict() for e in listed]


def test_deltas_become_the_message_they_announce(beta, lab):
    session = lab.session()
    deltas = ["agent.message", "agent.thinking"]
    with beta.sessions.events.stream(session.id, event_deltas=deltas) as stream:
        lab.send(session, said("A long sentence of several words."))
        message, previews = None, []
        for event in stream:
            message = accumulate_managed_agents_event(message, event)
            if event.type in ("event_start", "event_delta"):
                previews.append((event, words(message)))
            elif event.type == "agent.message":
                final = event
            elif event.type == "session.status_idle":
                break
    assert message == final and words(final) == "A long sentence of several words."
    assert all(words(final).startswith(text) for _, text in previews)
    starts = of_type([event for event, _ in previews], "event_start")
    assert {start.event.id for start in starts} <= {final.id}
    listed = {event.type for event in lab.events(session)}
    assert not listed & {"event_start", "event_delta"}
    refused(
        anthropic.BadRequestError,
        lambda: beta.sessions.events.stream(session.id, event_deltas=["agent.tool_use"]),
    )


def test_a_stream_ends_when_its_session_is_deleted(beta, lab):
    session = lab.session()
    seen = []

    def read():
        with beta.sessions.events.stream(session.id) as stream:
            ready.set()
            seen.extend(event.type for event in stream)

    ready = threading.Event()
    reader = threading.Thread(target=read)
    reader.start()
    assert ready.wait(30)
    beta.sessions.delete(session.id)
    reader.join(30)
    assert not reader.is_alive() and seen[-1] == "session.deleted"


def test_several_events_are_taken_together_or_not_at_all(beta, lab):
    session = lab.session()
    before = len(lab.events(session))
    wrong = {"type": "user.tool_confirmation", "tool_use_id": f"sevt_{ABSENT}", "result": "allow"}
    refused(
        anthropic.BadRequestError,
        beta.sessions.events.send,
        session.id,
        events=[said("Kept out."), wrong],
    )
    assert len(lab.events(session)) == before
    first, second = lab.send(session, said("One."), said("Two."))
    assert first.id != second.id
    events = lab.rest(session, second.id)
    assert events and lab.events(session)


def test_an_interrupt_of_what_rests_does_nothing(lab):
    session = lab.session()
    (interrupt,) = lab.send(session, {"type": "user.interrupt"})
    assert interrupt.id.startswith("sevt_")
    assert of_type(lab.events(session), "agent.message") == []


def test_images_and_documents_are_kept(beta, lab):
    session = lab.session()
    content = [
        {"type": "text", "text": "Look."},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
        {
            "type": "document",
            "title": "Notes",
            "source": {"type": "text", "media_type": "text/plain", "data": "Some notes."},
        },
    ]
    (sent,) = lab.send(session, {"type": "user.message", "content": content})
    lab.rest(session, sent.id)
    kept = next(event for event in lab.events(session) if event.id == sent.id)
    assert [block.type for block in kept.content] == ["text", "image", "document"]
    assert kept.content[1].source.data == PIXEL
    assert kept.content[2].source.data == "Some notes."


def test_while_a_call_is_open_nothing_else_is_said(beta, lab):
    session = lab.session(lab.agent("call look {}", "say {result}", tools=[custom("look")]))
    events = lab.tell(session, "Go.")
    call = one(events, "agent.custom_tool_use")
    refused(
        anthropic.BadRequestError, beta.sessions.events.send, session.id, events=[said("More.")]
    )
    confirm = {"type": "user.tool_confirmation", "tool_use_id": call.id, "result": "allow"}
    refused(anthropic.BadRequestError, beta.sessions.events.send, session.id, events=[confirm])


def test_what_is_wrong_is_refused(beta, lab):
    nobody = f"sesn_{ABSENT}"
    refused(anthropic.NotFoundError, lambda: beta.sessions.events.list(nobody))
    refused(anthropic.NotFoundError, beta.sessions.events.send, nobody, events=[said("x")])
    refused(anthropic.NotFoundError, lambda: beta.sessions.events.stream(nobody))
    session = lab.session()
    system = {"type": "system.message", "content": [{"type": "text", "text": "x"}]}
    for wrong in [
        [],
        [{"type": "agent.message", "content": []}],
        [{"type": "user.message", "content": [{"type": "redacted"}]}],
        [{"type": "user.custom_tool_result", "custom_tool_use_id": f"sevt_{ABSENT}"}],
        [{"type": "user.tool_result", "tool_use_id": f"sevt_{ABSENT}"}],
        [system, said("x")],
    ]:
        refused(anthropic.BadRequestError, beta.sessions.events.send, session.id, events=wrong)
    refused(
        anthropic.BadRequestError,
        lambda: beta.sessions.events.list(session.id, types=["no.such.type"]),
    )
