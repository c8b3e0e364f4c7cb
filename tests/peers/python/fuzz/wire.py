"""Requests as bytes: clients of HTTP do not send what they should not."""

import dataclasses
import http.client
import json
import socket

WITHIN = 30.0
STREAMED_FOR = 0.3
SHOWN = 600


@dataclasses.dataclass
class Request:
    """What is sent. With `length`, the head promises another length than the body has."""

    method: str
    target: str
    headers: dict
    body: bytes = b""
    length: int | None = None
    chunked: bool = False
    ends: bool = True  # whether the server is told that no more comes

    def head(self):
        lines = [f"{self.method} {self.target} HTTP/1.1", "connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.chunked:
            lines.append("transfer-encoding: chunked")
        elif self.body or self.length is not None or self.method not in ("GET", "HEAD"):
            length = len(self.body) if self.length is None else self.length
            lines.append(f"content-length: {length}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def parts(self):
        """The body as it is sent."""
        if not self.chunked:
            return [self.body]
        pieces = [self.body[at : at + 65_536] for at in range(0, len(self.body), 65_536)]
        return [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces] + [b"0\r\n\r\n"]

    def __str__(self):
        head = self.head()[:SHOWN].decode("latin-1")
        return f"{head}{self.body[:SHOWN]!r} ({len(self.body)} bytes)"


@dataclasses.dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {self.headers}\n{self.body[:SHOWN]!r}"


def send(port, request):
    """Sends a request; gives the answer, or nothing when there is none."""
    with socket.create_connection(("127.0.0.1", port), WITHIN) as connection:
        try:
            connection.sendall(request.head())
            for part in request.parts():
                connection.sendall(part)
            if request.ends and request.length is not None:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            # The server may have read enough to answer.
            pass
        try:
            return read(connection, request.method)
        except (http.client.BadStatusLine, ConnectionError):
            return None


def read(connection, method):
    """Reads an answer; of one that does not end, only its first events."""
    answer = http.client.HTTPResponse(connection, method=method)
    answer.begin()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    if not headers.get("content-type", "").startswith("text/event-stream"):
        return Answer(answer.status, headers, answer.read())
    connection.settimeout(STREAMED_FOR)
    body = b""
    try:
        while piece := answer.read1(65_536):
            body += piece
    except OSError:
        pass
    return Answer(answer.status, headers, body)
