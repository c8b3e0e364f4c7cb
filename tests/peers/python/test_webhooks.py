"""beta.organization.webhooks, and what is sent to them."""

import http.server
import threading

import anthropic
import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from support import ABSENT, refused, unique, until

URL = "https://hooks.example/lucid"


def create(beta, **fields):
    fields = {"url": URL, "enabled_events": ["external_key.failed"], **fields}
    return beta.organization.webhooks.create(**fields)


def test_an_endpoint_lives_and_is_deleted(beta):
    of = beta.organization.webhooks
    made = create(beta, name="First", description="Mine.")
    assert made.id and made.url == URL and made.state == "enabled" and made.disabled_reason == ""
    assert made.enabled_events == ["external_key.failed"]
    assert made.signing_secret.startswith("whsec_")
    found = of.retrieve(made.id)
    assert (found.name, found.description) == ("First", "Mine.")
    assert not hasattr(found, "signing_secret")
    name = unique("hook")
    changed = of.update(made.id, name=name, state="disabled")
    assert (changed.name, changed.state, changed.url) == (name, "disabled", URL)
    assert (
        of.update(made.id, state="enabled", enabled_events=[]).enabled_events
        == found.enabled_events
    )
    fresh = of.regenerate_signing_secret(made.id).signing_secret
    assert fresh.startswith("whsec_") and fresh != made.signing_secret
    deleted = of.delete(made.id)
    assert (deleted.id, deleted.type) == (made.id, "webhook_endpoint_deleted")
    refused(anthropic.NotFoundError, of.retrieve, made.id)


def test_an_endpoint_may_hear_of_sessions(beta):
    # The SDK has types for five of the events alone; whoever looks at others reads the JSON.
    of, events = beta.organization.webhooks, ["session.status_idled", "agent.created"]
    raw = of.with_raw_response
    made = raw.create(url=URL, enabled_events=events).http_response.json()
    assert sorted(made["enabled_events"]) == sorted(events)
    of.delete(made["id"])


@pytest.fixture
def heard():
    """An endpoint on this machine, and what was sent to it: headers and body."""
    deliveries = []

    class Endpoint(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            deliveries.append((dict(self.headers.items()), body.decode()))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as endpoint:
        threading.Thread(target=endpoint.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{endpoint.server_port}/hook", deliveries
        endpoint.shutdown()


def test_what_is_sent_is_signed_and_the_sdk_reads_it(beta, lab, heard):
    url, deliveries = heard
    of, wanted = beta.organization.webhooks, ["session.created", "session.status_idled"]
    made = of.with_raw_response.create(url=url, enabled_events=wanted).http_response.json()
    session = lab.session()
    lab.tell(session, "Hello.")

    def read():
        events = [
            beta.webhooks.unwrap(body, headers=headers, key=made["signing_secret"])
            for headers, body in list(deliveries)
        ]
        return events if {event.data.type for event in events} == set(wanted) else None

    events = until(read, "both events")
    assert {event.type for event in events} == {"event"}
    assert {event.data.id for event in events} == {session.id}
    assert len({event.id for event in events}) == len(events)
    headers, body = deliveries[0]
    assert beta.webhooks.parse_unverified(body).id == events[0].id
    with pytest.raises(WebhookVerificationError):
        beta.webhooks.unwrap(body + " ", headers=headers, key=made["signing_secret"])
    of.delete(made["id"])


def test_endpoints_come_in_pages(beta):
    made = [create(beta).id for _ in range(3)]
    of = beta.organization.webhooks
    listed = [endpoint.id for endpoint in of.list(limit=2)]
    assert set(made) <= set(listed) and len(set(listed)) == len(listed)
    first = of.list(limit=1)
    after = of.list(limit=1, after_id=first.data[0].id)
    assert after.data[0].id == listed[1]
    assert of.list(before_id=listed[1]).data[-1].id == listed[0]
    assert [endpoint.id for endpoint in of.list(order="asc")] == listed[::-1]
    for id in made:
        of.delete(id)


def test_what_is_wrong_is_refused(beta):
    nobody, of = f"whk_{ABSENT}", beta.organization.webhooks
    for call in [of.retrieve, of.delete, of.regenerate_signing_secret]:
        refused(anthropic.NotFoundError, call, nobody)
    refused(anthropic.NotFoundError, of.update, nobody, name="x")
    for wrong in [
        {"url": "ftp://hooks.example"},
        {"url": "not a url"},
        {"enabled_events": []},
        {"enabled_events": ["no.such.event"]},
    ]:
        refused(anthropic.BadRequestError, create, beta, **wrong)
