"""The server is killed under load: clients go on, and nothing that was acknowledged is lost."""

import json
import os

from kills import measure

ROUNDS = int(os.environ.get("LUCID_KILL_ROUNDS", "4"))
CLIENTS = 4


def test_what_was_acknowledged_outlives_a_kill(tmp_path):
    found = measure(tmp_path, ROUNDS, CLIENTS, seed=8)
    print(json.dumps(found, indent=2))
    assert found["wrong"] == []
    assert found["kills"] == ROUNDS
    assert found["lost_events"] == found["lost_versions"] == 0
    # Else nothing was tried.
    assert found["acknowledged_events"] > ROUNDS and found["acknowledged_versions"] > ROUNDS
