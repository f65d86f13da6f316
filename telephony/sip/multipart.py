"""Bodies of several parts (RFC 2046 §5.1, RFC 5621): carriers send SDP beside ISUP or XML, also nested. Pure."""

import re
from collections.abc import Iterator
from typing import Final

MULTIPART: Final = frozenset({"multipart/mixed", "multipart/related", "multipart/alternative"})
MAX_PARTS: Final = 20
"""Of one body; what stands behind them is not looked at."""
MAX_DEPTH: Final = 3
"""Bodies within bodies."""

_BOUNDARY: Final = re.compile(r""";\s*boundary\s*=\s*(?:"([^"\\\r\n]{1,70})"|([^\s;"]{1,70}))""", re.IGNORECASE)
_HANDLING: Final = re.compile(r""";\s*handling\s*=\s*"?([^\s;"]+)""", re.IGNORECASE)
_BLANK: Final = re.compile(rb"\r?\n\r?\n")
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")


def part_of(content_type: str, body: bytes, wanted: str, depth: int = MAX_DEPTH) -> bytes | None:
    """The first part of media type ``wanted`` in a body whose Content-Type header says ``content_type``, or in one of
    its parts that has parts itself, down to ``depth``.

    None where there is none, or where the body is not in the form that the header promises.
    """
    for part in _parts(content_type, body):
        content = _content(part, wanted, depth)
        if content is not None:
            return content
    return None


def beyond(content_type: str, body: bytes, depth: int = MAX_DEPTH) -> str:
    """Which bound keeps ``part_of`` from looking at all of it, as a reason phrase; "" where it has seen everything."""
    parts = list(_parts(content_type, body, MAX_PARTS + 1))
    if len(parts) > MAX_PARTS:
        return f"More Than {MAX_PARTS} Body Parts"
    for part in parts:
        kind, inner, content = _opened(part) or ("", "", b"")
        if kind in MULTIPART:
            why = beyond(inner, content, depth - 1) if depth > 1 else f"Bodies Nested More Than {MAX_DEPTH} Deep"
            if why:
                return why
    return ""


def handling_of(disposition: str) -> str:
    """The ``handling`` of a Content-Disposition in lower case; "" where it does not say."""
    found = _HANDLING.search(disposition)
    return found[1].lower() if found is not None else ""


def insists(content_type: str, body: bytes, known: str, depth: int = MAX_DEPTH) -> bool:
    """Whether a part of another type than ``known`` says that it must be understood (RFC 3261 §20.11, RFC 5621 §3.3):
    by ``handling=required``, not in silence. Of alternatives one is enough.
    """
    if content_type.partition(";")[0].strip().lower() == "multipart/alternative":
        return False
    for part in _parts(content_type, body):
        fields, content = _headed(part)
        handling = handling_of(fields.get("content-disposition", ""))
        kind, inner = _type_of(fields)
        if kind in MULTIPART:
            if handling != "optional" and depth > 1 and insists(inner, content, known, depth - 1):
                return True
        elif handling == "required" and (kind != known or not _as_written(fields)):
            return True
    return False


def _parts(content_type: str, body: bytes, limit: int = MAX_PARTS) -> Iterator[bytes]:
    """Its parts, ``limit`` of them at most, each with its own headers."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return
    # A delimiter stands at the beginning of a line, and the line break before it belongs to it (§5.1.1).
    delimiter = re.compile(
        rb"(?:\A|\r?\n)--" + re.escape((boundary[1] or boundary[2]).encode("utf-8", "surrogateescape"))
        + rb"(--)?[ \t]*(?:\r?\n|\Z)"
    )  # fmt: skip
    found = delimiter.search(body)
    for _ in range(limit):
        if found is None or found[1]:
            return
        following = delimiter.search(body, found.end())
        if following is None:
            return
        yield body[found.end() : following.start()]
        found = following


def _content(part: bytes, wanted: str, depth: int) -> bytes | None:
    """What a part holds of type ``wanted``."""
    opened = _opened(part)
    if opened is None:
        return None
    kind, content_type, content = opened
    if kind in MULTIPART and depth > 1:
        return part_of(content_type, content, wanted, depth - 1)
    return content if kind == wanted and content else None


def _opened(part: bytes) -> tuple[str, str, bytes] | None:
    """A part's media type, its whole Content-Type and what it holds; None unless that is written as it is (no transfer
    encoding, which SIP has not).
    """
    fields, content = _headed(part)
    return (*_type_of(fields), content) if fields and _as_written(fields) else None


def _headed(part: bytes) -> tuple[dict[str, str], bytes]:
    """A part's headers, names in lower case, and what it holds; none of either where they are not parted."""
    blank = _BLANK.search(part)
    if blank is None:
        return {}, b""
    head, content = part[: blank.start()], part[blank.end() :]
    fields: dict[str, str] = {}
    for line in _FOLD.sub(b" ", head).splitlines():
        name, _, value = line.partition(b":")
        fields.setdefault(name.strip().lower().decode("ascii", "replace"), value.strip().decode("ascii", "replace"))
    return fields, content


def _as_written(fields: dict[str, str]) -> bool:
    return fields.get("content-transfer-encoding", "binary").lower() in ("7bit", "8bit", "binary")


def _type_of(fields: dict[str, str]) -> tuple[str, str]:
    """Media type, and the whole Content-Type."""
    content_type = fields.get("content-type", fields.get("c", ""))
    return content_type.partition(";")[0].strip().lower(), content_type
