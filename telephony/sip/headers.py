"""Header fields in their order, as RFC 3261 §7.3 has them: names without case, compact forms known.

The text of a header that nobody touched goes out as it came in, folding and all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple, TypeVar

from core.errors import LocalProtocolError, ParseError
from telephony.sip.grammar import is_one_line, is_token, split_list

COMPACT_FORMS: Final = {
    "a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition", "e": "Content-Encoding",
    "f": "From", "i": "Call-ID", "j": "Reject-Contact", "k": "Supported", "l": "Content-Length", "m": "Contact",
    "n": "Identity-Info", "o": "Event", "r": "Refer-To", "s": "Subject", "t": "To", "u": "Allow-Events", "v": "Via",
    "x": "Session-Expires", "y": "Identity",
}  # fmt: skip
"""RFC 3261 §7.3.3 and the IANA registry; so ``s`` is Subject."""

_COMMON: Final = (
    "Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Content-Type", "Content-Length", "Expires",
    "Route", "Record-Route", "Allow", "Supported", "Require", "Proxy-Require", "Unsupported", "Accept", "User-Agent",
    "Server", "Authorization", "WWW-Authenticate", "Proxy-Authorization", "Proxy-Authenticate", "Date", "Reason",
    "Session-Expires", "Min-SE", "Min-Expires", "Retry-After", "Warning", "Subject", "Event", "Allow-Events",
    "Privacy", "P-Asserted-Identity", "P-Preferred-Identity", "Diversion", "History-Info", "Refer-To", "Referred-By",
    "Replaces", "RSeq", "RAck", "Content-Disposition", "Content-Encoding", "Accept-Encoding", "Accept-Language",
    "Organization", "Timestamp", "MIME-Version", "Alert-Info", "Call-Info", "Error-Info", "In-Reply-To",
    "Path",
)  # fmt: skip

KEYS: Final[dict[str, str]] = {}
"""The long form in lower case of names in the ways in which they are commonly written."""
for _name in _COMMON:
    KEYS[_name] = KEYS[_name.lower()] = KEYS[_name.upper()] = _name.lower()
for _compact, _name in COMPACT_FORMS.items():
    KEYS[_compact] = KEYS[_compact.upper()] = _name.lower()


def key_of(name: str) -> str:
    """The long form of header ``name`` in lower case; ``ParseError`` where it is no token."""
    key = KEYS.get(name)
    if key is not None:
        return key
    if not is_token(name):
        raise ParseError(f"malformed header name {name[:40]!r}")
    key = name.lower()
    return KEYS.get(key, key)


class Field(NamedTuple):
    """One header line: ``key`` to compare by, ``name`` and ``value`` as text, ``line`` as it came, or None if ours."""

    key: str
    name: str
    value: str
    line: str | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.value}" if self.line is None else self.line


new_field: Final[Callable[[tuple[str, str, str, str | None]], Field]] = partial(tuple.__new__, Field)
"""Makes a ``Field`` without the Python function that named tuples are made by."""

View = TypeVar("View")


class Headers:
    """An ordered multi-map of header lines. Writing text with CR, LF or NUL raises ``LocalProtocolError``.

    What has been looked up or read is kept until the next change.
    """

    __slots__ = ("_fields", "_firsts", "_views")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: list[Field] = [field_of(name, value) for name, value in items]
        self._firsts: dict[str, str] | None = None
        self._views: dict[str, Any] = {}

    @classmethod
    def of_fields(cls, fields: list[Field]) -> "Headers":
        """Headers of fields that the parser made."""
        headers = cls.__new__(cls)
        headers._fields = fields
        headers._firsts = None
        headers._views = {}
        return headers

    @property
    def firsts(self) -> Mapping[str, str]:
        """The value of the first line of each name, by its key."""
        firsts = self._firsts
        if firsts is None:
            self._firsts = firsts = {field[0]: field[2] for field in reversed(self._fields)}
        return firsts

    def get(self, name: str) -> str | None:
        """The value of the first line of that name, None where there is none."""
        return self.firsts.get(KEYS.get(name) or key_of(name))

    def read(self, name: str, reader: Callable[[str], View]) -> View:
        """What ``reader`` makes of the first line of that name: a value that never changes, and one reader for a name.
        ``ParseError`` where there is none, or from the reader.
        """
        found: View | None = self._views.get(name)
        if found is None:
            value = self.get(name)
            if value is None:
                raise ParseError("header is missing", where=name)
            self._views[name] = found = reader(value)
        return found

    def get_all(self, name: str) -> list[str]:
        """The values of all lines of that name, in order, one per line."""
        key = KEYS.get(name) or key_of(name)
        return [field[2] for field in self._fields if field[0] == key] if key in self.firsts else []

    def items_of(self, name: str) -> list[str]:
        """The items of a comma-separated header over all its lines; empty lines give none. ``ParseError`` if broken."""
        return [item for value in self.get_all(name) if value for item in split_list(value)]

    def set(self, name: str, value: str) -> None:
        """Make ``value`` the only one of that name, in the place of the first, or last."""
        made = field_of(name, value)
        self._changed()
        for index, field in enumerate(self._fields):
            if field.key == made.key:
                rest = [other for other in self._fields[index + 1 :] if other.key != made.key]
                self._fields[index:] = [made, *rest]
                return
        self._fields.append(made)

    def add(self, name: str, value: str) -> None:
        """Put one more line at the end."""
        self._fields.append(field_of(name, value))
        self._changed()

    def prepend(self, name: str, value: str) -> None:
        """Put one more line before the first of that name (as a Via is pushed), or before all others."""
        made = field_of(name, value)
        place = next((index for index, field in enumerate(self._fields) if field.key == made.key), 0)
        self._fields.insert(place, made)
        self._changed()

    def remove(self, name: str) -> None:
        """Drop all lines of that name; no error where there are none."""
        key = key_of(name)
        self._fields = [field for field in self._fields if field.key != key]
        self._changed()

    def copy(self, *names: str) -> "Headers":
        """A copy of all lines, or only of those of ``names``, in their order and exact text."""
        if not names:
            return Headers.of_fields(list(self._fields))
        keys = {KEYS.get(name) or key_of(name) for name in names}
        return Headers.of_fields([field for field in self._fields if field[0] in keys])

    def extend(self, other: "Headers") -> None:
        """Put all lines of ``other`` at the end, in their exact text."""
        self._fields.extend(other._fields)
        self._changed()

    def fields(self) -> tuple[Field, ...]:
        """All lines."""
        return tuple(self._fields)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        return (KEYS.get(name) or key_of(name)) in self.firsts

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((field.name, field.value) for field in self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return [field[::2] for field in self._fields] == [field[::2] for field in other._fields]

    __hash__ = None  # type: ignore[assignment]  # it changes

    def _changed(self) -> None:
        self._firsts = None
        if self._views:
            self._views = {}

    def __repr__(self) -> str:
        # names only: values are personal data and must not reach a log by accident
        return f"Headers({', '.join(field.name for field in self._fields)})"


def make_field(name: str, value: str) -> Field:
    """A line of ours; ``LocalProtocolError`` where it cannot be sent."""
    if not is_one_line(value):
        raise LocalProtocolError(f"line break or NUL in the value of header {name[:40]!r}")
    try:
        return new_field((key_of(name), name, value, None))
    except ParseError as error:
        raise LocalProtocolError(str(error)) from None


field_of = lru_cache(maxsize=512)(make_field)
"""The same, remembered: most lines that we write are the same again and again."""
