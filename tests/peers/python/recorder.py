"""What was asked of the server in this run, and what there is to ask."""

import pathlib

ROUTES = pathlib.Path(__file__).resolve().parent.parent / "routes.tsv"


class Route:
    """One route of the API, as `routes.tsv` has it."""

    def __init__(self, method, path, sdk_method):
        self.method, self.path, self.sdk_method = method, path, sdk_method
        self.segments = path.strip("/").split("/")

    @property
    def captures(self):
        return sum(segment.startswith("{") for segment in self.segments)

    def matches(self, method, path):
        asked = path.strip("/").split("/")
        if method != self.method or len(asked) != len(self.segments):
            return False
        pairs = zip(self.segments, asked)
        return all(mine.startswith("{") or mine == theirs for mine, theirs in pairs)


def routes():
    """All routes, those with fewer captures first: `poll` is not a work item."""
    lines = ROUTES.read_text().splitlines()[1:]
    return sorted((Route(*line.split("\t")) for line in lines), key=lambda route: route.captures)


# What this server does not do, and says so: a repository's token cannot be changed where
# there are no repositories.
NEVER_DONE = {("POST", "/v1/sessions/{session_id}/resources/{resource_id}")}


class Recorder:
    """Notes which routes gave an answer that is no error."""

    def __init__(self):
        self.routes = routes()
        self.answered = set()
        self.unknown = set()

    def note(self, request, status):
        method, path = request.method, request.url.path
        route = next((route for route in self.routes if route.matches(method, path)), None)
        if route is None:
            self.unknown.add((method, path))
        elif 200 <= status < 300 or (route.method, route.path) in NEVER_DONE:
            self.answered.add((route.method, route.path))

    def missing(self):
        return [
            f"{route.method} {route.path} ({route.sdk_method})"
            for route in self.routes
            if (route.method, route.path) not in self.answered
        ]

    def sync_hooks(self):
        return {"response": [lambda answer: self.note(answer.request, answer.status_code)]}

    def async_hooks(self):
        async def note(answer):
            self.note(answer.request, answer.status_code)

        return {"response": [note]}
