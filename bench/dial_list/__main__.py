"""A thousand contacts over real SIP, control killed five times: ``python -m bench.dial_list --json``.

The line (``line400 serve``, recordings and recogniser on) calls a list through a carrier in a process of its own.
Contacts are busy, ring in vain, are announced in every way that ../shared/audio has, have mailboxes and faxes, hang up
or say no by key (``kinds``). ``--kills`` times, at moments drawn from the seed, control is killed by SIGKILL and begun
anew. One attempt is allowed for each contact, so an attempt that was dialled twice would be seen by the carrier. In
the end

- no number was dialled twice, and each contact of the list has a result;
- every result is right, but for those whose call was up at a kill: they are ``interrupted``;
- ``line400 ledger verify`` finds the ledger whole.

Exit code 1 where anything of it does not hold. Needs a model (``--models FOLDER``) and the shared audio.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, cast

import uvloop
from rich.console import Console
from rich.progress import Progress

from bench.answered_clips import shared
from bench.dial_list.kinds import Kind, drawn
from bench.served.config import CARRIER, HOUSE, configuration
from bench.served.line import Json, ServedLine

_NAME: Final = "everybody"
_LOOK_S: Final = 1.0
_PAGE: Final = 500
_RING_S: Final = 15
_LONGEST_S: Final = 3600.0
_CUT: Final = "interrupted"


@dataclass(slots=True)
class Outcome:
    """``results`` counts kinds by what the store says of them; ``cut`` were up, or about to be dialled, at a kill."""

    contacts: int
    kills: int
    lines: int
    seconds: float = 0.0
    invites: int = 0
    dialled_twice: int = 0
    without_result: int = 0
    right: int = 0
    cut: int = 0
    wrong: list[str] = field(default_factory=list)
    ledger_lines: str = ""
    ledger_whole: bool = False
    results: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether all that is promised was kept."""
        kept = not (self.dialled_twice or self.without_result or self.wrong) and self.ledger_whole
        return kept and self.cut <= self.kills * self.lines


class Run:
    """One of them, in ``folder``."""

    def __init__(self, folder: Path, outcome: Outcome, models: Path, seed: int) -> None:
        self._folder = folder
        self._outcome = outcome
        self._kinds = drawn(outcome.contacts, seed)
        self._seed = seed
        self._invites = folder / "invites.jsonl"
        self._config = folder / "line400.toml"
        (folder / "prompts").mkdir()
        campaign = (
            f'[[campaign]]\nname = "{_NAME}"\ntrunk = "carrier"\ncaller_id = "4008001234"\n'
            f"concurrency = {outcome.lines}\nring_timeout_s = {_RING_S}\n"
            'hours = ["daily 00:00-24:00"]\n[campaign.retry]\nattempts = 1\n'
        )
        recognition = f'models_folder = "{models}"\nbatch_workers = 0'
        self._config.write_text(configuration(folder, "", workers=1, recognition=recognition, more=campaign))
        self._line = ServedLine(folder)

    async def whole(self) -> None:
        """From the empty house to the ledger."""
        await self._line.start()
        listed = self._folder / "list.csv"
        listed.write_text("手机号\n" + "".join(f"{number[3:]}\n" for number in self._kinds), encoding="utf-8")
        await self._command("campaign", "import", str(listed), "--campaign", _NAME)
        carrier = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.dial_list.carrier",
            HOUSE, CARRIER, str(self._invites), str(self._outcome.contacts), str(self._seed),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert carrier.stdin is not None and carrier.stdout is not None
        await carrier.stdout.readline()
        begun = time.monotonic()
        try:
            await self._command("campaign", "start", _NAME)
            await self._until_finished()
            self._outcome.seconds = round(time.monotonic() - begun, 1)
            rows = await self._rows()
        finally:
            carrier.stdin.close()
            await carrier.wait()
            await self._line.stop()
        self._judge(rows)
        told = await self._command("ledger", "verify")
        self._outcome.ledger_lines, self._outcome.ledger_whole = told.strip(), True  # it exits with 1 where it is not

    async def _until_finished(self) -> None:
        """Kill control when so much of the list is done, again and again, until all of it is."""
        chance = random.Random(self._seed)
        count = self._outcome.contacts
        moments = sorted(chance.uniform(0.05, 0.95) * count for _ in range(self._outcome.kills))
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task("dialling", total=count)
            async with asyncio.timeout(_LONGEST_S):
                while True:
                    view = cast("Json", await self._line.api.get(f"/campaigns/{_NAME}"))
                    done = int(cast("int", view["finished"]))
                    bar.update(task, completed=done)
                    if view["state"] == "finished":
                        return
                    if moments and done >= moments[0]:
                        moments.pop(0)
                        self._line.kill()
                        await self._line.ended()
                        await self._line.start()
                    await asyncio.sleep(_LOOK_S)

    async def _rows(self) -> list[Json]:
        rows: list[Json] = []
        while len(rows) < self._outcome.contacts:
            path = f"/campaigns/{_NAME}/results?limit={_PAGE}&offset={len(rows)}"
            page = cast("list[Json]", await self._line.api.get(path))
            if not page:
                break
            rows += page
        return rows

    def _judge(self, rows: Sequence[Json]) -> None:
        it = self._outcome
        dialled = Counter(json.loads(line)["number"] for line in self._invites.read_text("utf-8").splitlines())
        it.invites = sum(dialled.values())
        it.dialled_twice = sum(times > 1 for times in dialled.values())
        found = {str(row["number"]): row for row in rows}
        for number, kind in self._kinds.items():
            self._one(number, kind, found.get(number))

    def _one(self, number: str, kind: Kind, row: Json | None) -> None:
        it = self._outcome
        if row is None or not row["result"]:
            it.without_result += 1
            return
        result = str(row["result"])
        counts = it.results.setdefault(kind.name, {})
        counts[result] = counts.get(result, 0) + 1
        if result == kind.result:
            it.right += 1
        elif result == _CUT:
            it.cut += 1
        else:
            it.wrong.append(f"{number}: {kind.name}: {result} in place of {kind.result}")

    async def _command(self, *arguments: str) -> str:
        """Run ``line400`` as its user would; ``SystemExit`` with its words where it fails."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service.cli", *arguments, "--config", str(self._config),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        said, complaints = await process.communicate()
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)}: {complaints.decode()}{said.decode()}")
        return said.decode()


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="bench.dial_list", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--lines", type=int, default=8, help="calls at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache" / "line400" / "models")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not (shared() / "audio").is_dir():
        raise SystemExit("needs the shared audio (LINE400_SHARED)")
    outcome = Outcome(given.contacts, given.kills, given.lines)
    with tempfile.TemporaryDirectory(prefix="line400-list-") as folder:
        uvloop.run(Run(Path(folder), outcome, given.models, given.seed).whole())
    if given.json:
        print(json.dumps({"bench": "dial_list", **asdict(outcome), "holds": outcome.holds}, ensure_ascii=False))
    else:
        for name, counts in sorted(outcome.results.items()):
            print(f"{name}: {', '.join(f'{result} {count}' for result, count in counts.items())}")
        print(
            f"{outcome.contacts} contacts, {outcome.kills} kills, {outcome.seconds:.0f} s: {outcome.right} right, "
            f"{outcome.cut} cut by a kill, {len(outcome.wrong)} wrong, {outcome.dialled_twice} dialled twice, "
            f"{outcome.without_result} without a result; {outcome.ledger_lines}"
        )
    for fault in outcome.wrong[:20]:
        print(fault, file=sys.stderr)
    sys.exit(0 if outcome.holds else 1)


if __name__ == "__main__":
    main()
