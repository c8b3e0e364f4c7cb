"""One server for the whole run, and clients that check every answer strictly."""

import pathlib

import anthropic
import pytest

import server
from recorder import Recorder
from support import Lab

HERE = pathlib.Path(__file__).resolve().parent
# What these ask is not recorded.
WITH_OWN_CLIENTS = {"test_fuzz.py", "test_keys.py", "test_kills.py", "test_lumara.py"}


def pytest_collection_modifyitems(items):
    """What was asked is looked at when everything was asked."""
    items.sort(key=lambda item: item.path.name == "test_routes.py")


@pytest.fixture(scope="session")
def complete(request):
    """Whether every file that asks with the recorded clients is run whole."""
    files = {path.name for path in HERE.glob("test_*.py")} - WITH_OWN_CLIENTS
    run = {item.path.name for item in request.session.items}
    chosen = request.config.option.keyword or request.config.option.markexpr
    return files <= run and not chosen and not request.config.option.deselect


@pytest.fixture(scope="session")
def recorder():
    return Recorder()


@pytest.fixture(scope="session")
def lucid(tmp_path_factory):
    """The server that is tested."""
    if not server.binary().is_file():
        pytest.exit(f"there is no {server.binary()}: run `cargo xtask build`", returncode=2)
    running = server.Server(tmp_path_factory.mktemp("lucid"))
    yield running
    assert running.stop() == 0, running.said()


@pytest.fixture(scope="session")
def client(lucid, recorder):
    """A client that takes no answer with a field missing, or of the wrong type."""
    http = anthropic.DefaultHttpxClient(event_hooks=recorder.sync_hooks())
    with anthropic.Anthropic(
        base_url=lucid.url,
        api_key="x",
        http_client=http,
        max_retries=0,
        timeout=60,
        _strict_response_validation=True,
    ) as client:
        yield client


@pytest.fixture
def make_async(lucid, recorder):
    """Makes the same client for `async`; close it where it was made."""

    def make():
        return anthropic.AsyncAnthropic(
            base_url=lucid.url,
            api_key="x",
            http_client=anthropic.DefaultAsyncHttpxClient(event_hooks=recorder.async_hooks()),
            timeout=60,
            _strict_response_validation=True,
        )

    return make


@pytest.fixture
def beta(client):
    return client.beta


@pytest.fixture
def lab(client):
    """Makes agents, environments and sessions, and waits for what they do."""
    return Lab(client)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that fails shows the end of the server's log."""
    report = yield
    running = item.funcargs.get("lucid") if hasattr(item, "funcargs") else None
    if report.when == "call" and report.failed and running is not None:
        report.sections.append(("the server's log", running.said()))
    return report
