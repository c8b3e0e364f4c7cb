"""Last of all: whether everything there is to ask was asked, and answered."""

import pytest


def test_every_route_was_answered(recorder, complete):
    if not complete:
        pytest.skip("only a part of the suite was run")
    assert recorder.missing() == []
    assert recorder.unknown == set(), "the SDK asked for what routes.tsv does not have"
