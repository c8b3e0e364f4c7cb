"""Kills a server under load, again and again, while clients go on with their sessions.

`python -m kills --rounds 200` measures: it prints what was acknowledged and what became of it.
"""

import argparse
import collections
import json
import pathlib
import random
import sqlite3
import sys
import tempfile
import threading
import time

import anthropic

import server
from killed import Talker, check
from support import Lab

# How long a killed server stays away at most, and how long it works before.
AWAY = 0.5
WORKS = (0.2, 2.0)
ENDS_WITHIN = 120.0

NUMBERS = """
SELECT session_id, count(*), count(DISTINCT seq), count(DISTINCT id), min(seq), max(seq) + 1
FROM events GROUP BY session_id
"""


class Measure:
    """One server on one folder, its clients, and a count of what happened."""

    def __init__(self, folder, clients, seed):
        self.folder, self.random = folder, random.Random(seed)
        self.running = server.Server(folder)
        self.port = int(self.running.url.rsplit(":", 1)[1])
        self.restarts = []
        self.stopped = threading.Event()
        self.talkers = [Talker(self, number, seed) for number in range(clients)]

    def client(self, **options):
        """A client as anybody has it: with the SDK's own retries."""
        return anthropic.Anthropic(base_url=self.running.url, api_key="x", timeout=30, **options)

    def run(self, rounds):
        """Lets the clients work, and kills the server this many times."""
        threads = [threading.Thread(target=talker.run) for talker in self.talkers]
        for thread in threads:
            thread.start()
        try:
            for _ in range(rounds):
                before = self.acknowledged()
                time.sleep(self.random.uniform(*WORKS))
                self.await_more_than(before)
                self.kill()
        finally:
            self.stopped.set()
            for thread in threads:
                thread.join(ENDS_WITHIN)
        assert not any(thread.is_alive() for thread in threads), "a client never came back"

    def acknowledged(self):
        """How many events, and how many versions, were acknowledged so far."""
        kinds = ("acknowledged_events", "acknowledged_versions")
        return [sum(talker.count[kind] for talker in self.talkers) for kind in kinds]

    def await_more_than(self, before):
        """Waits until two more of each are: what has nothing to lose need not be killed."""
        end = time.monotonic() + ENDS_WITHIN
        while time.monotonic() < end:
            if all(now > then + 1 for now, then in zip(self.acknowledged(), before)):
                return
            time.sleep(0.01)

    def kill(self):
        """Kills the server, and starts it again on the same port and state."""
        self.running.process.kill()
        self.running.process.wait()
        time.sleep(self.random.uniform(0, AWAY))
        began = time.monotonic()
        self.running = server.Server(self.folder, port=self.port)
        self.restarts.append(time.monotonic() - began)

    def summary(self):
        """What happened, and what was wrong with it."""
        total = collections.Counter()
        wrong = []
        with self.client() as client:
            for talker in self.talkers:
                wrong += [f"client {talker.number}: {what}" for what in check(Lab(client), talker)]
                total.update(talker.count)
        code = self.running.stop()
        wrong += [f"the server ended with {code}"] * (code != 0) + database(self.folder)
        if b"panic" in self.running.log.read_bytes():
            wrong.append("the server panicked")
        slowest = max(self.restarts, default=0.0)
        return {
            "kills": len(self.restarts),
            "clients": len(self.talkers),
            **dict(sorted(total.items())),
            "slowest_restart_ms": round(slowest * 1_000),
            "wrong": wrong,
        }


def database(folder):
    """What is wrong with what is on the disk: numbers of events without gaps, each once."""
    wrong = []
    path = folder / "state" / "lucid.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        if (said := connection.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
            wrong.append(f"integrity_check: {said[:3]}")
        for row in connection.execute(NUMBERS):
            session, count, *others = row
            if others != [count, count, 0, count]:
                wrong.append(f"{session}: {count} events, seqs and ids are {others}")
    finally:
        connection.close()
    return wrong


def measure(folder, rounds, clients, seed):
    """Runs the whole, and gives its summary."""
    measured = Measure(folder, clients, seed)
    try:
        measured.run(rounds)
        return measured.summary()
    finally:
        if measured.running.process.poll() is None:
            measured.running.process.kill()
            measured.running.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=pathlib.Path, help="a new folder for the server's state")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lucid-kills-") as folder:
        folder = asked.folder or pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        found = measure(folder, asked.rounds, asked.clients, asked.seed)
    print(json.dumps(found, indent=2))
    return 1 if found["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
