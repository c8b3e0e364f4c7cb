"""The server under test: the binary that was built, in a state of its own."""

import json
import os
import pathlib
import re
import signal
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]
STARTED_WITHIN = 60.0
STOPPED_WITHIN = 30.0


def binary():
    """`LUCID` names it; else it is where cargo puts it."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return pathlib.Path(os.environ.get("LUCID", target / "release" / "lucid"))


def make_key(folder, *arguments):
    """Makes a key for a server of this folder, whether it runs or not; gives its text."""
    command = [binary(), "key", "create", "--json", "--state", folder / "state", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["key"]


class Server:
    """A `lucid serve` that runs until it is stopped."""

    def __init__(self, folder, *arguments, port=0):
        self.folder, self.log = folder, folder / "server.log"
        self.process = subprocess.Popen(
            [
                binary(),
                "serve",
                "--listen",
                f"127.0.0.1:{port}",
                "--state",
                folder / "state",
                *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=open(self.log, "ab"),
            cwd=folder,
            text=True,
        )
        self.url = self._url()

    def _url(self):
        """Its address is in the first line that it prints."""
        timer = threading.Timer(STARTED_WITHIN, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found is None:
            self.process.kill()
            raise RuntimeError(f"the server said {line!r}\n{self.said()}")
        # What it prints later must not fill the pipe.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return found.group()

    def said(self):
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4_000:]

    def stop(self):
        """Asks it to end, as an operator does; gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
