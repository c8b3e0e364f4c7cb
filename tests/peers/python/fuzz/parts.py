"""Bodies of several parts: files that are uploaded."""

import functools

from hypothesis import strategies as st

from .breakage import pick

BOUNDARY = "----a-boundary"
NAMES = ["file", "files[]", "files", "display_name", "expires_in_seconds", "other", "", "x" * 2_000]
FILENAMES = ["a.txt", "a-skill/SKILL.md", "a-skill/more.md", "SKILL.md", "", "..", "../../a.txt"]
FILENAMES += ["/etc/passwd", "a\\..\\b", "C:\\a.txt", "%2e%2e%2fa", "a%00b", "a\x00b", "\x1b[31m"]
FILENAMES += ["\u00fcber.txt", "\u202egpj.exe", "x" * 5_000, "a/" * 500]
FILENAMES += ["a-skill/../../b", "."]
FILENAMES += ["a-skill/\ud800", 'a"b', "a-skill/SKILL.md/x", "CON", "a\r\nb: c"]
SKILL = b"---\nname: a-skill\ndescription: d\n---\n\nDo it.\n"
CONTENTS = [b"", b"text", SKILL, b"\x00\xff\xfe"]
CONTENTS += [b"---\nname: [\n---\n", b"---\nname: a\nname: b\n---\n", b"---\n", b"x" * 300_000]
CONTENTS += [b"3600", b"-1", b"1e9", b"99999999999999999999"]
CONTENTS += [b"---\nname: " + b"a" * 9_000 + b"\n---\n"]
CONTENTS += [b"---\na: &a [1]\nb: [*a, *a]\n---\n", b"---\n" + b"[" * 20_000 + b"\n---\n"]
TYPES = [None, "text/plain", "application/octet-stream", "image/png", "", "x" * 2_000, "a/b; c=d"]


END = f"--{BOUNDARY}--\r\n"
SAID = f"multipart/form-data; boundary={BOUNDARY}"
ELSE = ["multipart/form-data; boundary=another", "multipart/form-data", "application/json"]


def part(name, filename, content_type, content):
    """One part."""
    disposition = f'form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    if name is None:
        disposition = "form-data; name"
    lines = [f"--{BOUNDARY}", f"Content-Disposition: {disposition}"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    head = "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass")
    return head + content + b"\r\n"


def joined(first, others, end):
    """A body of parts."""
    return b"".join([*first, *others, end.encode()])


@functools.lru_cache(maxsize=None)
def bodies(name):
    """Bodies and their content types, for a route that takes files under a name."""
    names, filenames = pick([*NAMES, None]), pick([*FILENAMES, None])
    odd = st.builds(part, names, filenames, pick(TYPES), pick(CONTENTS))
    good = st.just(part(name, "a-skill/SKILL.md", None, SKILL))
    sound = st.builds(part, st.just(name), pick(FILENAMES[:3]), st.none(), pick(CONTENTS))
    near = st.builds(part, st.just(name), pick(FILENAMES), st.none(), pick(CONTENTS))
    first = st.tuples(good) | st.tuples(sound) | st.tuples(near) | st.tuples(good, near)
    ends = pick([END] * 6 + ["", f"--{BOUNDARY}", "x"])
    whole = st.builds(joined, first, st.just([]) | st.lists(odd, max_size=2), ends)
    return st.tuples(whole, pick([SAID] * 9 + ELSE))
