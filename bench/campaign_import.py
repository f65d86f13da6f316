"""How long a list takes to get into a campaign, and how much memory: ``python -m bench.campaign_import``.

The list is made up from a fixed seed: a name, a mobile, for every fifth a fixed line, a car, a date, a mileage and a
remark; one row in a hundred is not good. It is read by a process of its own, on one core, into a fresh SQLite file.
``--beside`` has another process commit a fact every 20 ms meanwhile and tells how long that took at most.
"""

import argparse
import asyncio
import csv
import json
import os
import random
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from campaigns.importer import import_list
from core.ids import Ids
from store.store import Store
from telephony.facts import CallStarted

_HEADINGS: Final = ("姓名", "手机号", "家庭电话", "车型", "购车日期", "里程", "备注")
_CARS: Final = ("凯美瑞 2.5G", "卡罗拉 双擎", "汉兰达", "RAV4 荣放", "雷凌")
_NAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
_BEGIN: Final = ("138", "139", "136", "150", "158", "186", "177", "199", "133", "131")
_BEAT_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Measure:
    """``seconds`` and ``cpu_seconds`` of the process that reads the list, with its start; ``peak_mib`` of its memory;
    ``beside_max_ms`` and ``beside_p99_ms``: commits of another process meanwhile, None without ``--beside``.
    """

    rows: int
    kind: str
    accepted: int
    rejected: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    beside_p99_ms: float | None = None
    beside_max_ms: float | None = None


class WallClock:
    """The machine's time."""

    def now(self) -> float:
        """Epoch seconds."""
        return time.time()


def make_rows(count: int, chance: random.Random) -> Iterator[list[str]]:
    """So many rows; mobiles are drawn without order, as they are in lists."""
    places = list(range(count))
    chance.shuffle(places)
    for at, place in enumerate(places):
        mobile = f"{_BEGIN[place % len(_BEGIN)]}{place * 97 % 100_000_000:08}"
        if at % 100 == 99:
            mobile = mobile[:-1]
        home = f"021-5{chance.randrange(10_000_000):07}" if at % 5 == 0 else ""
        name = chance.choice(_NAMES) + chance.choice(_GIVEN) + chance.choice(_GIVEN)
        bought = f"20{chance.randrange(12, 26)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        yield [name, mobile, home, chance.choice(_CARS), bought, str(chance.randrange(200_000)), "老客户"]


def write_list(path: Path, count: int) -> None:
    """A CSV in GB18030, as a Chinese spreadsheet writes it, or an XLSX."""
    rows = make_rows(count, random.Random(400))
    if path.suffix == ".csv":
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(chain([_HEADINGS], rows))
        return
    from openpyxl import Workbook  # noqa: PLC0415 - no part of what a CSV is measured for

    book = Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    for row in chain([_HEADINGS], rows):
        sheet.append(row)
    book.save(path)


async def take(path: Path, url: str) -> tuple[int, int]:
    """Take the list in; rows accepted and rejected."""
    clock = WallClock()
    async with await Store.open(url, clock, Ids(clock, secrets.token_bytes), recordings=path.parent) as store:
        done = await import_list(path, "bench", store.contacts, store.log)
    return done.accepted, done.rejected


async def beat(url: str) -> None:
    """Commit a fact every ``_BEAT_S`` until the input ends; then say how long each took, in ms."""
    clock = WallClock()
    took: list[float] = []
    loop = asyncio.get_running_loop()
    ended = loop.run_in_executor(None, sys.stdin.read)
    async with await Store.open(url, clock, Ids(clock, secrets.token_bytes), recordings=Path()) as store:
        print("ready", flush=True)
        while not ended.done():
            began = time.perf_counter()
            await store.log.commit(f"c-{len(took)}", CallStarted("inbound", "", ""))
            took.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(_BEAT_S)
    print(json.dumps(took))


def _measure(folder: Path, rows: int, kind: str, *, beside: bool) -> Measure:
    path, url = folder / f"list.{kind}", f"sqlite:///{folder / 'line400.db'}"
    write_list(path, rows)
    other = _start("beat", url) if beside else None
    if other is not None:
        assert other.stdout is not None
        other.stdout.readline()
    began = time.perf_counter()
    reader = _start("take", str(path), url)
    told, _ = reader.communicate()
    seconds = time.perf_counter() - began
    if reader.returncode:
        raise SystemExit("the import failed")
    done = json.loads(told)
    p99 = most = None
    if other is not None:
        took = sorted(json.loads(other.communicate()[0]))
        p99, most = round(took[int(0.99 * (len(took) - 1))], 1), round(took[-1], 1)
    accepted, rejected = done["counts"]
    return Measure(rows, kind, accepted, rejected, round(seconds, 1), done["cpu_seconds"], done["peak_mib"], p99, most)


def _start(*what: str) -> "subprocess.Popen[str]":
    command = (sys.executable, "-m", "bench.campaign_import", "--do", *what)
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _do(what: str, *arguments: str) -> None:
    """The part of another process."""
    if what == "beat":
        asyncio.run(beat(*arguments))
        return
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    path, url = arguments
    counts = asyncio.run(take(Path(path), url))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps({"counts": counts, "cpu_seconds": round(used.ru_utime + used.ru_stime, 1), "peak_mib": _peak_mib()})
    )


def _peak_mib() -> float:
    """The most memory that this process has had (``ru_maxrss`` would count that of the one that started it)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)


def main() -> None:
    """Measure one list."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--kind", choices=("csv", "xlsx"), default="csv")
    options.add_argument("--beside", action="store_true", help="another process commits facts meanwhile")
    options.add_argument("--json", action="store_true")
    options.add_argument("--do", nargs="+", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.do:
        _do(*given.do)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure = _measure(Path(folder), given.rows, given.kind, beside=given.beside)
    if given.json:
        print(json.dumps(asdict(measure)))
        return
    for name, value in asdict(measure).items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
