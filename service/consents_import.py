"""Takes a list of consents (CSV or XLSX) into the store: all of its good rows, or, when something breaks, none.

Each row that is not taken is written, with its line and the reason, to a file beside the list, to be mended and
imported. What is on record already is such a row, so a list may be taken in again.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from campaigns.consent_sheet import ConsentColumns, ConsentReader
from campaigns.flaws import Flaw, words
from campaigns.importer import Checked, Imported
from campaigns.list_file import GUESS, ListFile, Wanted, open_list
from campaigns.list_reader import Progress
from campaigns.rejects import FirstRejects, Reject, RejectsFile
from campaigns.rows import Row
from campaigns.rule_facts import ConsentGiven
from campaigns.rules.values import Purpose
from campaigns.sent_rows import SentRows
from core.errors import ParseError
from core.heap import few_cycles
from service.records_import import looked
from store.consent_lists import ConsentLists, ListedConsent
from store.consents import Consents, NotTaken

MAX_ROWS: Final = 1_000_000
_BATCH: Final = 5000
_DIGEST_BYTES: Final = 16
_WORDS: Final = {
    NotTaken.KNOWN: "已登记 (on record already)",
    NotTaken.WITHDRAWN: "已撤回，须有新的同意 (was withdrawn; a new consent has its own time and evidence)",
    NotTaken.NO_RECORDING: "没有此录音或已删除 (there is no such recording, or it was deleted)",
    NotTaken.NO_CALL: "没有此通话 (there is no such call)",
}

_Told: TypeAlias = Callable[[Progress], None]
_Rejected: TypeAlias = Callable[[Reject], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known beside the list: see ``campaigns.consent_sheet.ConsentReader``."""

    purpose: Purpose | None
    zone: tzinfo
    now: float
    by: str


async def import_consents(
    path: Path,
    store: ConsentLists,
    terms: Terms,
    *,
    rejects_file: Path | None = None,
    wanted: Wanted = GUESS,
    progress: _Told = lambda _: None,
) -> Imported:
    """Take the list at ``path``. ``ParseError`` (line, reason) means that nothing was taken in. ``progress`` may be
    called from another thread.
    """
    with few_cycles(), RejectsFile(path, rejects_file) as rejects:
        file, headings = _opened(path, wanted)
        rejects.begin(headings, file.separator)
        rows = _Rows(file, headings, terms, wanted, path.name)

        def moved(done: int, of: int) -> None:
            progress(Progress(file.total_bytes, file.total_bytes, rows.count, rejects.count, done, of))

        left = await store.take(_listed(rows.batches(rejects.write, progress)), terms.by, moved)
        if left:
            for row in file.rows():
                if (why := left.get(row.line)) is not None:
                    rejects.write(Reject(row.line, _WORDS[why], row.cells))
    return Imported(rows.count - rejects.count, rejects.count, rejects.path, tuple(rejects.first))


async def check_consents(
    path: Path, store: Consents, terms: Terms, *, wanted: Wanted = GUESS, progress: _Told = lambda _: None
) -> Checked:
    """Read the whole list as ``import_consents`` would, and change nothing. ``ParseError`` as there."""
    file, headings = _opened(path, wanted)
    first = FirstRejects()
    with few_cycles():
        rows = _Rows(file, headings, terms, wanted, path.name)
        for batch in rows.batches(first, progress):
            for at, why in (await store.look([consent for _, consent in batch])).items():
                first(Reject(batch[at][0].line, _WORDS[why]))
    shown = sorted(first.rows, key=lambda one: one.line)
    return looked(file, headings, rows.count - first.count, first.count, shown)


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
    batches = reader.batches(rejects.append, lambda _: None)
    found = await asyncio.to_thread(lambda: [each for batch in batches for each in batch])
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
    """The rows of a list, below its headings; ``count`` of them have been read."""

    def __init__(self, file: ListFile, headings: Sequence[str], terms: Terms, wanted: Wanted, name: str) -> None:
        columns = ConsentColumns.of(headings, wanted.numbers[0] if wanted.numbers else "")
        self._reader = ConsentReader(columns, terms.purpose, terms.zone, terms.now, terms.by)
        self._file = file
        self._name = name
        self._line_of: dict[bytes, int] = {}
        self.count = 0

    def batches(self, rejected: _Rejected, progress: _Told) -> Iterator[Sequence[tuple[Row, ConsentGiven]]]:
        """The good rows, so many at a time; the others are ``rejected``. ``ParseError`` where there are too many."""
        rows = islice(self._file.rows(), 1, None)
        bad = 0
        while piece := list(islice(rows, _BATCH)):
            self.count += len(piece)
            if self.count > MAX_ROWS:
                raise ParseError(f"超过 {MAX_ROWS} 行，请拆分 (more than {MAX_ROWS} rows; split it)", where=self._name)
            good = []
            for row in piece:
                try:
                    good.append((row, self._read(row)))
                except ParseError as error:
                    bad += 1
                    rejected(Reject(row.line, str(error), row.cells))
            progress(Progress(piece[-1].read_bytes, self._file.total_bytes, self.count, bad))
            if good:
                yield good

    def _read(self, row: Row) -> ConsentGiven:
        if row.fault:
            raise ParseError(row.fault)
        consent = self._reader.read(row.cells)
        if (first := self._line_of.setdefault(_mark(consent), row.line)) != row.line:
            raise ParseError(words(Flaw.TWICE, first))
        return consent


def _mark(it: ConsentGiven) -> bytes:
    """The same for the same consent, and short: there may be a million."""
    text = f"{it.number}\0{it.purpose}\0{it.how}\0{it.evidence}\0{it.given_at}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()


def _listed(batches: Iterable[Sequence[tuple[Row, ConsentGiven]]]) -> Iterator[Sequence[ListedConsent]]:
    for batch in batches:
        yield [ListedConsent(row.line, consent) for row, consent in batch]


def _opened(path: Path, wanted: Wanted) -> tuple[ListFile, tuple[str, ...]]:
    """The list and its headings; ``ParseError`` where it is empty."""
    file = open_list(path, wanted)
    first = next(file.rows(), None)
    if first is None:
        raise ParseError("名单为空 (the list is empty)", where=path.name)
    return file, first.cells
