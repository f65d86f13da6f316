"""Takes a list of contacts from a CSV or XLSX file into a campaign: all of its good rows, or, when something breaks,
none; or looks at it first (``check_list``).

Rows are read, checked and handed on in batches, so that a list of any length fits and a progress bar can move. Each row
that is not taken is written, with its line and the reason, to a file beside the list, to be mended and imported.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from campaigns.facts import ContactsImported
from campaigns.flaws import Flaw, words
from campaigns.list_file import GUESS, Wanted, open_list
from campaigns.list_reader import ListReader, Progress
from campaigns.ports import ContactStore
from campaigns.rejects import FirstRejects, Reject, RejectsFile
from core.events import Log
from core.heap import few_cycles

_SHOWN_SAMPLES: Final = 8


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it. ``rejects_file`` is None where every row was taken; ``elsewhere`` counts rows that were taken of
    people who are in other campaigns too, by campaign. ``added`` and ``known`` are numbers that are not to be called,
    new and there already (lists of these only).
    """

    accepted: int
    rejected: int
    rejects_file: Path | None
    first_rejects: tuple[Reject, ...] = field(default=())
    """At most ten, to show at once."""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    added: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """What a list looks like and what would come of it; nothing was taken in. ``numbers`` (in order) and ``name`` are
    the headings of columns that were chosen or guessed; ``flaws`` counts rows that would not be taken, by reason,
    ``kinds`` the numbers that would be called, ``several`` rows with more than one; ``added``, ``known``: see
    ``Imported``.
    """

    kind: str
    encoding: str
    separator: str
    sheets: tuple[str, ...]
    sheet: str
    headings: tuple[str, ...]
    numbers: tuple[str, ...]
    name: str
    samples: tuple[tuple[str, ...], ...]
    rows: int
    accepted: int
    several: int
    flaws: Mapping[str, int]
    kinds: Mapping[str, int]
    elsewhere: Mapping[str, int]
    first_rejects: tuple[Reject, ...]
    added: int = 0
    known: int = 0


async def import_list(
    path: Path,
    campaign: str,
    store: ContactStore,
    log: Log,
    *,
    rejects_file: Path | None = None,
    wanted: Wanted = GUESS,
    by: str = "",
    progress: Callable[[Progress], None] = lambda _: None,
) -> Imported:
    """Take the list at ``path`` into ``campaign``. Where ``rejects_file`` goes: see ``campaigns.rejects.RejectsFile``.

    ``wanted`` is what is known of the list, ``by`` the account that asks. ``ParseError`` (file, line, reason) means
    that nothing was taken in. ``progress`` may be called from another thread.
    """
    with few_cycles(), RejectsFile(path, rejects_file) as rejects:
        file = open_list(path, wanted)
        total = file.total_bytes
        reader = ListReader(file, rejects.write, where=path.name, wanted=wanted, progress=progress)
        rejects.begin(reader.headings, file.separator)

        def moved(done: int, of: int) -> None:
            progress(Progress(total, total, reader.rows, reader.rejected, done, of))

        added = await store.add(campaign, reader.batches(), moved)
        if known := frozenset(added.duplicate_lines):
            for row in file.rows():
                if row.line in known:
                    rejects.write(Reject(row.line, words(Flaw.KNOWN), row.cells))
    log.post("", ContactsImported(campaign, added.accepted, rejects.count, by))
    return Imported(added.accepted, rejects.count, rejects.path, tuple(rejects.first), added.elsewhere)


async def check_list(
    path: Path,
    campaign: str,
    store: ContactStore,
    *,
    wanted: Wanted = GUESS,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Checked:
    """Read the whole list at ``path`` as ``import_list`` would, and change nothing. ``ParseError`` as there."""
    file = open_list(path, wanted)
    first = FirstRejects()
    elsewhere: Counter[str] = Counter()
    known = 0
    with few_cycles():
        reader = ListReader(file, first, where=path.name, wanted=wanted, progress=progress)
        for batch in reader.batches():
            overlap = await store.overlap(campaign, batch)
            known += len(overlap.here)
            for line in overlap.here:
                first(Reject(line, words(Flaw.KNOWN)))
            for others in overlap.elsewhere.values():
                elsewhere.update(others)
    columns = reader.columns
    flaws = reader.flaws + Counter({Flaw.KNOWN: known})
    return Checked(
        kind=file.kind,
        encoding=file.encoding,
        separator=file.separator,
        sheets=file.sheets,
        sheet=file.sheet,
        headings=columns.headings,
        numbers=tuple(columns.headings[at] for at in columns.numbers),
        name="" if columns.name is None else columns.headings[columns.name],
        samples=reader.samples[:_SHOWN_SAMPLES],
        rows=reader.rows,
        accepted=reader.accepted - known,
        several=reader.several,
        flaws={flaw.value: count for flaw, count in flaws.items()},
        kinds={kind.value: count for kind, count in reader.kinds.items()},
        elsewhere=dict(elsewhere),
        first_rejects=tuple(sorted(first.rows, key=lambda reject: reject.line)),
    )
