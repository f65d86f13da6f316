"""What ``bench.sip`` runs: the line in its own process, and SIPp as those who call and register."""

import csv
import json
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
PASSWORD: Final = "secret-of-the-bench"
_CALL: Final = """<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="answer_hangup">
  <send retrans="500" start_rtd="1">
    <![CDATA[
      INVITE sip:4008001234@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:13800138000@[local_ip]:[local_port]>;tag=[pid]c[call_number]
      To: <sip:4008001234@[remote_ip]:[remote_port]>
      Call-ID: [call_id]
      CSeq: 1 INVITE
      Contact: <sip:13800138000@[local_ip]:[local_port];transport=[transport]>
      Max-Forwards: 70
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=sipp 53655765 2353687637 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 8 101
      a=rtpmap:8 PCMA/8000
      a=rtpmap:101 telephone-event/8000
    ]]>
  </send>
  <recv response="100" optional="true"/>
  <recv response="200" rtd="1"/>
  <send>
    <![CDATA[
      ACK sip:4008001234@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:13800138000@[local_ip]:[local_port]>;tag=[pid]c[call_number]
      To: <sip:4008001234@[remote_ip]:[remote_port]>[peer_tag_param]
      Call-ID: [call_id]
      CSeq: 1 ACK
      Max-Forwards: 70
      Content-Length: 0

    ]]>
  </send>
  <pause/>
  <send retrans="500">
    <![CDATA[
      BYE sip:4008001234@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:13800138000@[local_ip]:[local_port]>;tag=[pid]c[call_number]
      To: <sip:4008001234@[remote_ip]:[remote_port]>[peer_tag_param]
      Call-ID: [call_id]
      CSeq: 2 BYE
      Max-Forwards: 70
      Content-Length: 0

    ]]>
  </send>
  <recv response="200"/>
</scenario>
"""

REGISTER: Final = """<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="register_digest">
  <send retrans="500" start_rtd="1">
    <![CDATA[
      REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:[field0]@line400>;tag=[pid]c[call_number]
      To: <sip:[field0]@line400>
      Call-ID: [call_id]
      CSeq: 1 REGISTER
      Contact: <sip:[field0]@[local_ip]:[local_port];transport=[transport]>
      Max-Forwards: 70
      Expires: 3600
      Content-Length: 0

    ]]>
  </send>
  <recv response="401" auth="true"/>
  <send retrans="500">
    <![CDATA[
      REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:[field0]@line400>;tag=[pid]c[call_number]
      To: <sip:[field0]@line400>
      Call-ID: [call_id]
      CSeq: 2 REGISTER
      Contact: <sip:[field0]@[local_ip]:[local_port];transport=[transport]>
      Max-Forwards: 70
      Expires: 3600
      [field1]
      Content-Length: 0

    ]]>
  </send>
  <recv response="200" rtd="1"/>
</scenario>
"""


@dataclass(frozen=True)
class Used:
    """What the line has used so far, and what stands in it now; ``in_use_kib`` is what Python has allocated, 0 where
    that is not traced.
    """

    cpu_s: float
    rss_kib: int
    in_use_kib: int
    up: int
    registered: int


@dataclass(frozen=True)
class Load:
    """What SIPp counted. ``times_ms`` are from a request to the answer that was wanted, in order."""

    done: int
    failed: int
    retransmissions: int
    elapsed_s: float
    times_ms: list[float]

    def percentile_ms(self, share: float) -> float:
        """0 where nothing was measured."""
        times = self.times_ms
        return round(times[min(len(times) - 1, int(len(times) * share))], 2) if times else 0.0


class Line:
    """The process under test: it answers every call, and registers ``phones`` (0, 1, 2, …) with ``PASSWORD``. Where its
    memory is ``traced`` it is some times slower.
    """

    def __init__(self, phones: int = 0, *, traced: bool = False) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *(["-X", "tracemalloc"] if traced else []), "-m", "bench.sip_line", str(phones), PASSWORD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._asking = threading.Lock()
        self.port = int(self._read())

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def used(self) -> Used:
        """Ask it."""
        if self._process.stdin is None:
            raise RuntimeError("the line has no input")
        with self._asking:  # ``watched`` asks beside
            self._process.stdin.write("report\n")
            self._process.stdin.flush()
            return Used(**json.loads(self._read()))

    def _read(self) -> str:
        if self._process.stdout is None:
            raise RuntimeError("the line has no output")
        return self._process.stdout.readline()


def calls(line: Line, transport: str, rate: int, count: int, hold_ms: int = 0) -> Load:
    """``count`` calls at ``rate`` per second that SIPp hangs up after ``hold_ms``."""
    options = ["-d", str(hold_ms), "-l", str(max(1000, rate * 4, count))]
    return _sipp(line, _CALL, transport, rate, count, options)


def registrations(line: Line, rate: int, first: int, count: int) -> Load:
    """The phones from ``first`` on register, each once, proving themselves by digest."""
    users = "".join(
        f"{user};[authentication username={user} password={PASSWORD}]\n" for user in range(first, first + count)
    )
    return _sipp(line, REGISTER, "UDP", rate, count, ["-inf", "users.csv"], {"users.csv": f"SEQUENTIAL\n{users}"})


@dataclass
class Peak:
    """What the line used when most calls were up, seen from beside."""

    seen: list[Used] = field(default_factory=list)

    @property
    def most(self) -> Used:
        """At the moment with most calls, the last of them."""
        return max(reversed(self.seen), key=lambda used: used.up)


@contextmanager
def watched(line: Line, every_s: float = 0.25) -> Iterator[Peak]:
    """Look at the line again and again meanwhile."""
    peak, over = Peak(), threading.Event()

    def look() -> None:
        while not over.wait(every_s):
            peak.seen.append(line.used())

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _sipp(
    line: Line,
    scenario: str,
    transport: str,
    rate: int,
    count: int,
    options: list[str],
    files: dict[str, str] | None = None,
) -> Load:
    with tempfile.TemporaryDirectory(prefix="line400-bench-") as name:
        folder = Path(name)
        for file, text in {"scenario.xml": scenario, **(files or {})}.items():
            (folder / file).write_text(text)
        command = [
            "sipp", "-sf", "scenario.xml", "-t", "u1" if transport == "UDP" else "t1", "-i", LOOPBACK, "-p",
            str(_free_port()), "-m", str(count), "-r", str(rate), "-rp", "1000", "-nostdin", "-trace_stat", "-stf",
            "stat.csv", "-fd", "1", "-trace_rtt", "-rtt_freq", "1", "-timeout", "180s", *options,
            f"{LOOPBACK}:{line.port}",
        ]  # fmt: skip
        subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        with (folder / "stat.csv").open() as stat:
            last = list(csv.DictReader(stat, delimiter=";"))[-1]
        times = sorted(_response_times(folder))
    hours, minutes, rest, *_ = last["ElapsedTime(C)"].split(":")
    elapsed_s = int(hours) * 3600 + int(minutes) * 60 + float(rest)
    done, failed = int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])
    return Load(done, failed, int(last["Retransmissions(C)"]), max(elapsed_s, 0.001), times)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _response_times(folder: Path) -> Iterator[float]:
    for path in folder.glob("*_rtt.csv"):
        with path.open() as file:
            for row in csv.reader(file, delimiter=";"):
                if len(row) >= 2 and row[1].replace(".", "", 1).isdigit():
                    yield float(row[1])
