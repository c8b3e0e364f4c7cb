"""A client that notes all that a server acknowledged, and what must have become of it."""

import collections
import random
import time

import anthropic

from support import custom, said, until, words

LINES = 400
PAUSE = 0.01
# What the server says when it is not there, or when a call is answered or open already.
GONE = (anthropic.APIConnectionError, anthropic.InternalServerError)
TAKEN = (anthropic.ConflictError, anthropic.BadRequestError)


def script(calls):
    """Answers of an agent: words alone, or calls of the client's tool in between."""
    lines = []
    for n in range(LINES):
        if calls:
            lines.append(f'call look {{"n": {n}}}')
        lines.append(f"say It is {{result}}, {n}." if calls else f"say This is {n}.")
    return lines


class Talker:
    """Says things in a session of its own, answers its agent's calls, and writes memories."""

    def __init__(self, measure, number, seed):
        self.measure, self.number = measure, number
        self.random = random.Random(f"{seed} {number}")
        self.count = collections.Counter(acknowledged_events=0, acknowledged_versions=0)
        # Acknowledged: the ids of events by type with their words, and versions of memories.
        self.events = collections.defaultdict(list)
        self.versions = []
        self.said = 0
        self.client = measure.client()
        self.beta = self.client.beta
        calls = number % 2 == 1
        agent = self.beta.agents.create(
            name=f"talker {number}",
            model="plugin:script",
            system="\n".join(script(calls)),
            tools=[custom("look", n={"type": "integer"})] if calls else [],
        )
        environment = self.beta.environments.create(name=f"e{number}", config={"type": "cloud"})
        self.session = self.beta.sessions.create(agent=agent.id, environment_id=environment.id)
        self.store = self.beta.memory_stores.create(name=f"store {number}")
        # The memories by path: id and the digest of what was written last.
        self.memories = {}

    def run(self):
        """Goes on until it is told to stop, whatever becomes of the server."""
        while not self.measure.stopped.is_set():
            try:
                self.random.choice([self.say, self.say, self.answer, self.remember])()
            except GONE as error:
                self.count[f"gave_up_{type(error).__name__}"] += 1
            time.sleep(PAUSE)

    def send(self, event, text):
        """Sends one event; what comes back is acknowledged."""
        stored, = self.beta.sessions.events.send(self.session.id, events=[event]).data
        self.events[stored.type].append((stored.id, text))
        self.count["acknowledged_events"] += 1

    def say(self):
        self.said += 1
        text = f"client {self.number} says {self.said}"
        try:
            self.send(said(text), text)
        except TAKEN:
            # A call is open: that one comes first.
            self.count["refused_while_a_call_is_open"] += 1
            self.answer()

    def answer(self):
        """Answers the calls that are open, if the session waits for any."""
        for id in self.open():
            text = f"answer to {id}"
            content = [{"type": "text", "text": text}]
            event = {"type": "user.custom_tool_result", "custom_tool_use_id": id}
            try:
                self.send({**event, "content": content}, text)
            except TAKEN:
                # It was taken before the server was killed, but nobody was told.
                self.count["answered_before"] += 1

    def open(self):
        """The calls that the session waits for."""
        newest = self.beta.sessions.events.list(
            self.session.id, order="desc", limit=1, types=["session.status_idle"]
        ).data
        if self.beta.sessions.retrieve(self.session.id).status != "idle" or not newest:
            return []
        reason = newest[0].stop_reason
        return reason.event_ids if reason.type == "requires_action" else []

    def remember(self):
        """Writes a memory, new or another time."""
        of, store = self.beta.memory_stores.memories, self.store.id
        text = f"written by {self.number} as number {len(self.versions)} {self.random.random()}"
        path = f"/notes/{self.random.randrange(5)}.md"
        try:
            if known := self.memories.get(path):
                held = {"type": "content_sha256", "content_sha256": known[1]}
                here = {"memory_store_id": store, "precondition": held}
                written = of.update(known[0], content=text, **here)
            else:
                written = of.create(store, path=path, content=text)
        except anthropic.ConflictError:
            # An earlier attempt was kept, though nobody was told: it is read again.
            self.count["written_before"] += 1
            found = [m for m in of.list(store, view="full") if m.path == path]
            self.memories[path] = (found[0].id, found[0].content_sha256)
            return
        self.memories[path] = (written.id, written.content_sha256)
        self.versions.append((written.memory_version_id, text))
        self.count["acknowledged_versions"] += 1


def check(lab, talker):
    """What is wrong with a client's session and memories."""
    yield from check_rest(lab, talker)
    yield from check_events(lab, talker)
    yield from check_versions(lab.beta, talker)
    talker.client.close()


def rested(lab, talker):
    """Whether the session rests, with no call open."""
    if lab.beta.sessions.retrieve(talker.session.id).status != "idle":
        return False
    if talker.open():
        talker.answer()
        return False
    return all(event.processed_at for event in lab.events(talker.session))


def check_rest(lab, talker):
    """The session comes to rest, and answers another message."""
    try:
        until(lambda: rested(lab, talker), "rest")
        sent, = lab.send(talker.session, said("Are you there?"))
        until(lambda: rested(lab, talker), "rest after a message")
        after = lab.events(talker.session, sent.id)
        if not any(e.type == "agent.message" and words(e) for e in after):
            yield f"{talker.session.id} does not answer: {[e.type for e in after]}"
    except BaseException as error:  # pytest's own failure is no Exception.
        if isinstance(error, KeyboardInterrupt):
            raise
        session = lab.beta.sessions.retrieve(talker.session.id)
        last = [event.type for event in lab.events(session)[-8:]]
        yield f"{session.id} is {session.status}: {error}; its last events are {last}"


def check_events(lab, talker):
    """Every acknowledged event is there once, as it was sent, and in order."""
    events = lab.events(talker.session)
    talker.count["events"] += len(events)
    ids = [event.id for event in events]
    times = [event.processed_at for event in events if event.processed_at]
    if len(set(ids)) != len(ids):
        yield f"{talker.session.id} has an id twice"
    if times != sorted(times):
        yield f"{talker.session.id} has events whose times go back"
    at = {event.id: (place, event) for place, event in enumerate(events)}
    for kind, noted in talker.events.items():
        lost = [id for id, _ in noted if id not in at]
        talker.count["lost_events"] += len(lost)
        if lost:
            yield f"{len(lost)} of {len(noted)} {kind} are lost: {lost[:3]}"
        kept = [(id, text) for id, text in noted if id in at]
        places = [at[id][0] for id, _ in kept]
        if places != sorted(places):
            yield f"the {kind} are not in the order they were acknowledged in"
        changed = [id for id, text in kept if words(at[id][1]) != text]
        if changed:
            yield f"{len(changed)} {kind} are not what was sent: {changed[:3]}"
    texts = collections.Counter(words(e) for e in events if e.type == "user.message")
    talker.count["said_twice_by_a_retry"] += sum(n - 1 for n in texts.values())
    results = collections.Counter(
        event.custom_tool_use_id for event in events if event.type == "user.custom_tool_result"
    )
    if twice := [id for id, n in results.items() if n > 1]:
        yield f"{len(twice)} calls are answered twice: {twice[:3]}"


def check_versions(beta, talker):
    """Every acknowledged version of a memory is there once, and says what was written."""
    store = talker.store.id
    all_ = list(beta.memory_stores.memory_versions.list(store, view="full"))[::-1]
    place = {version.id: at for at, version in enumerate(all_)}
    if len(place) != len(all_):
        yield f"{store} has a version twice"
    lost = [id for id, _ in talker.versions if id not in place]
    talker.count["lost_versions"] += len(lost)
    if lost:
        yield f"{len(lost)} of {len(talker.versions)} versions are lost: {lost[:3]}"
    kept = [(place[id], text) for id, text in talker.versions if id in place]
    if [at for at, _ in kept] != sorted(at for at, _ in kept):
        yield f"{store} has versions in another order than they were acknowledged in"
    if any(all_[at].content != text for at, text in kept):
        yield f"{store} has a version that is not what was written"
    newest = {version.memory_id: version for version in all_}
    for memory in beta.memory_stores.memories.list(store, view="full"):
        if memory.memory_version_id != newest[memory.id].id:
            yield f"{memory.id} is not its newest version"
