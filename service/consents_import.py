"""Takes a list of consents (CSV or XLSX) into the store: all of its good rows, or, when something breaks, none.

Each row that is not taken is written, with its line and the reason, to a file beside the list, to be mended and
imported. What is on record already is such a row, so a list may be taken in again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from campaigns.consent_sheet import ConsentColumns, ConsentReader
from campaigns.flaws import Flaw, words
from campaigns.importer import Checked, Imported
from campaigns.list_file import GUESS, ListFile, Wanted, open_list
from campaigns.list_reader import Progress
from campaigns.rejects import Reject, RejectsFile
from campaigns.rows import Row
from campaigns.rule_facts import ConsentGiven
from campaigns.rules.values import Purpose
from campaigns.sent_rows import SentRows
from core.errors import ParseError
from service.records_import import looked
from store.consents import Consents, NotTaken

MAX_ROWS: Final = 20_000
"""They are written in one transaction, and meanwhile the running service cannot write."""
_TELL_EVERY: Final = 500
_WORDS: Final = {
    NotTaken.KNOWN: "已登记 (on record already)",
    NotTaken.WITHDRAWN: "已撤回，须有新的同意 (was withdrawn; a new consent has its own time and evidence)",
    NotTaken.NO_RECORDING: "没有此录音或已删除 (there is no such recording, or it was deleted)",
}

_Told: TypeAlias = Callable[[Progress], None]
_Rejected: TypeAlias = Callable[[Reject], None]
_Judge: TypeAlias = Callable[[Sequence[ConsentGiven]], Awaitable[Mapping[int, NotTaken]]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known beside the list: see ``campaigns.consent_sheet.ConsentReader``."""

    purpose: Purpose
    zone: tzinfo
    now: float
    by: str


async def import_consents(
    path: Path,
    store: Consents,
    terms: Terms,
    *,
    rejects_file: Path | None = None,
    wanted: Wanted = GUESS,
    progress: _Told = lambda _: None,
) -> Imported:
    """Take the list at ``path``. ``ParseError`` (line, reason) means that nothing was taken in."""
    with RejectsFile(path, rejects_file) as rejects:
        file, headings = _opened(path, wanted)
        rejects.begin(headings, file.separator)
        rows = _Rows(file, headings, terms, wanted, path.name)
        accepted = await rows.judged(store.take, rejects.write, progress)
    return Imported(accepted, rejects.count, rejects.path, tuple(rejects.first))


async def check_consents(
    path: Path, store: Consents, terms: Terms, *, wanted: Wanted = GUESS, progress: _Told = lambda _: None
) -> Checked:
    """Read the whole list as ``import_consents`` would, and change nothing. ``ParseError`` as there."""
    file, headings = _opened(path, wanted)
    rejects: list[Reject] = []
    rows = _Rows(file, headings, terms, wanted, path.name)
    accepted = await rows.judged(store.look, rejects.append, progress)
    return looked(file, headings, accepted, rejects)


@dataclass(frozen=True, slots=True)
class SentConsents:
    """Lines of what a program has sent that were not taken: those that are not good, and those that are on record
    already, with the reason.
    """

    rejected: Mapping[int, str]
    known: Mapping[int, str]


async def take_sent(rows: SentRows, store: Consents, terms: Terms, *, partial: bool) -> SentConsents:
    """Put what a program has sent on record. Where rows are not good and ``partial`` is false, nothing is."""
    rejects = list(rows.odd)
    reader = _Rows(rows, rows.headings, terms, GUESS, "rows")
    found = await asyncio.to_thread(lambda: list(reader.read(rejects.append, lambda _: None)))
    given = [consent for _, consent in found]
    rejected, known = {each.line: each.reason for each in rejects}, dict[int, str]()

    def sort(left: Mapping[int, NotTaken]) -> None:
        for at, why in left.items():
            (known if why is NotTaken.KNOWN else rejected)[found[at][0].line] = _WORDS[why]

    sort(await store.look(given))
    if partial or not rejected:
        sort(await store.take(given))
    return SentConsents(rejected, known)


class _Rows:
    """The rows of a list, below its headings."""

    def __init__(self, file: ListFile, headings: Sequence[str], terms: Terms, wanted: Wanted, name: str) -> None:
        columns = ConsentColumns.of(headings, wanted.numbers[0] if wanted.numbers else "")
        self._reader = ConsentReader(columns, terms.purpose, terms.zone, terms.now, terms.by)
        self._file = file
        self._name = name

    async def judged(self, judge: _Judge, rejected: _Rejected, progress: _Told) -> int:
        """Have the store ``judge`` the good rows; how many it took, or would. The others are ``rejected``."""
        found = list(self.read(rejected, progress))
        left = await judge([consent for _, consent in found])
        for at, why in sorted(left.items()):
            row = found[at][0]
            rejected(Reject(row.line, _WORDS[why], row.cells))
        return len(found) - len(left)

    def read(self, rejected: _Rejected, progress: _Told) -> Iterator[tuple[Row, ConsentGiven]]:
        """The good rows; the others are ``rejected``."""
        line_of: dict[ConsentGiven, int] = {}
        bad = 0
        for count, row in enumerate(islice(self._file.rows(), 1, None), 1):
            if count > MAX_ROWS:
                raise ParseError(f"more than {MAX_ROWS} rows; split it", where=self._name)
            try:
                consent = self._reader.read(row.cells)
                if (first := line_of.setdefault(consent, row.line)) != row.line:
                    raise ParseError(words(Flaw.TWICE, first))
            except ParseError as error:
                bad += 1
                rejected(Reject(row.line, str(error), row.cells))
            else:
                yield row, consent
            if count % _TELL_EVERY == 0:
                progress(Progress(row.read_bytes, self._file.total_bytes, count, bad))


def _opened(path: Path, wanted: Wanted) -> tuple[ListFile, tuple[str, ...]]:
    """The list and its headings; ``ParseError`` where it is empty."""
    file = open_list(path, wanted)
    first = next(file.rows(), None)
    if first is None:
        raise ParseError("the list is empty", where=path.name)
    return file, first.cells
