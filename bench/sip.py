"""Calls per second of INVITE–200–ACK–BYE, and what they cost: SIPp as load, the stack alone in its own process.

``python -m bench.sip --json``: one JSON object. Rates are tried upward; the highest without a failed call is reported,
with CPU seconds of the stack's process per 1,000 calls, and the time from INVITE to 200 (99th percentile) as SIPp saw
it.
"""

import argparse
import csv
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
CALL_SCENARIO = """<?xml version="1.0" encoding="UTF-8" ?>
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


@dataclass(frozen=True)
class Case:
    """One measurement."""

    case: str
    transport: str
    calls: int
    offered_per_s: int
    calls_per_s: float
    cpu_s_per_1000_calls: float
    setup_p50_ms: float
    setup_p99_ms: float
    failed: int
    retransmissions: int


class Line:
    """The process under test."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.sip_line"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self._read())

    def used(self) -> dict[str, float]:
        """CPU seconds and event counts so far."""
        if self._process.stdin is None:
            raise RuntimeError("the line has no input")
        self._process.stdin.write("report\n")
        self._process.stdin.flush()
        answer: dict[str, float] = json.loads(self._read())
        return answer

    def close(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> str:
        if self._process.stdout is None:
            raise RuntimeError("the line has no output")
        return self._process.stdout.readline()


def measure(line: Line, transport: str, rate: int, seconds: float) -> Case:
    """Run SIPp at ``rate`` calls per second."""
    calls = int(rate * seconds)
    with tempfile.TemporaryDirectory(prefix="line400-bench-") as name, socket.socket() as probe:
        folder = Path(name)
        (folder / "call.xml").write_text(CALL_SCENARIO)
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
        probe.close()
        before = line.used()
        command = [
            "sipp", "-sf", "call.xml", "-t", "u1" if transport == "UDP" else "t1", "-i", LOOPBACK, "-p", str(port),
            "-m", str(calls), "-r", str(rate), "-rp", "1000", "-l", str(max(1000, rate * 4)), "-nostdin",
            "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-trace_rtt", "-rtt_freq", "1", "-timeout", "120s",
            f"{LOOPBACK}:{line.port}",
        ]  # fmt: skip
        subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        after = line.used()
        with (folder / "stat.csv").open() as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        times = sorted(_response_times(folder))
    served = int(last["SuccessfulCall(C)"])
    hours, minutes, rest, *_ = last["ElapsedTime(C)"].split(":")
    elapsed_s = int(hours) * 3600 + int(minutes) * 60 + float(rest)
    return Case(
        "answer_hangup",
        transport,
        served,
        rate,
        round(served / max(elapsed_s, 0.001), 1),
        round((after["cpu_s"] - before["cpu_s"]) / max(served, 1) * 1000, 3),
        _percentile(times, 0.5),
        _percentile(times, 0.99),
        int(last["FailedCall(C)"]),
        int(last["Retransmissions(C)"]),
    )


def _response_times(folder: Path) -> list[float]:
    times = []
    for path in folder.glob("*_rtt.csv"):
        with path.open() as file:
            for row in csv.reader(file, delimiter=";"):
                if len(row) >= 2 and row[1].replace(".", "", 1).isdigit():
                    times.append(float(row[1]))
    return times


def _percentile(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) if ordered else 0.0


def climb(transport: str, rates: list[int], seconds: float) -> Case:
    """The highest rate at which every call succeeded without repeats; the first one measured, if none did."""
    line = Line()
    best: Case | None = None
    try:
        for rate in rates:
            case = measure(line, transport, rate, seconds)
            if best is not None and (case.failed or case.retransmissions or case.calls_per_s < 0.9 * rate):
                break
            best = case
    finally:
        line.close()
    if best is None:
        raise SystemExit("no rates to try")
    return best


def main() -> None:
    """Measure, then print a table or one JSON object."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--rates", default="100,200,300,400,500,600,800,1000")
    options.add_argument("--seconds", type=float, default=5.0)
    chosen = options.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("bench.sip needs SIPp (Debian: apt install sip-tester)")
    rates = [int(rate) for rate in chosen.rates.split(",")]
    cases = [climb(transport, rates, chosen.seconds) for transport in ("UDP", "TCP")]
    machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "load_1m": round(os.getloadavg()[0], 2)}
    if chosen.json:
        print(json.dumps({"cases": [asdict(case) for case in cases], "machine": machine}))
        return
    print(f"Python {machine['python']}, {machine['cpus']} CPUs, load {machine['load_1m']}; load generator: SIPp")
    for case in cases:
        print(
            f"{case.case} {case.transport}: {case.calls_per_s} calls/s, {case.cpu_s_per_1000_calls} CPU-s per 1,000"
            f" calls, set-up p50 {case.setup_p50_ms} ms p99 {case.setup_p99_ms} ms, {case.failed} failed,"
            f" {case.retransmissions} repeats"
        )


if __name__ == "__main__":
    main()
