"""Agents' phones that are SIPp's: one process and one port for a number of them, registered from an injection file.

Each phone rings, picks up after a while, and says back what it hears (``-rtp_echo``), so a caller who hears himself is
joined with an agent. SIPp writes down when each INVITE came, for whom and of whom. A ringing that is taken back is
answered with 487, also where that crosses the picking up. SIPp knows a repeated request by itself only until it has
sent a second message after it (180, then 200), so what a starved machine repeats is expected where that is so. Once
registered these phones stay so for an hour.
"""

import asyncio
import csv
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from bench.served.config import DESK, HOUSE
from bench.served.desk import PASSWORD
from bench.served.people import SIP_PORT
from bench.sip_load import REGISTER

MOST_SIPP_MINUTES: Final = 55.0
"""So long calls may come: the phones register once, for an hour."""
_FIRST_PORT: Final = 5070
_FIRST_MEDIA_PORT: Final = 40000
_REGISTRATIONS_PER_S: Final = 20
_REGISTERED_S: Final = 60.0
_BOUND_S: Final = 10.0
_LAST_CALLS_S: Final = 5.0
_TOLD: Final = 5
_LENGTH: Final = 300
_SAID: Final = re.compile(r"(?=\d{4}-\d\d-\d\d\t)")
_NO_FAILURE: Final = re.compile(r"jumping to label|Dead call|events occurred")
_LATE_ANSWER: Final = re.compile(r"while expecting 'INVITE' \(index 0\), received 'SIP/2\.0 ")
_RUNG: Final = re.compile(r"^rung .*\t([0-9.]+) ([0-9]+) ([0-9]+)$", re.MULTILINE)
_OK_TO_CANCEL: Final = """<![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]s[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0

    ]]>"""
_PHONE: Final = f"""<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="agents_phone">
  <recv request="INVITE">
    <action>
      <ereg regexp="INVITE sip:([0-9]+)@" search_in="msg" check_it="true" assign_to="first,agent"/>
      <ereg regexp="sip:[+]?([0-9]+)@" search_in="hdr" header="From:" check_it="true" assign_to="from,caller"/>
      <log message="rung [timestamp] [$agent] [$caller]"/>
    </action>
  </recv>
  <Reference variables="first,from"/>
  <send>
    <![CDATA[
      SIP/2.0 180 Ringing
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]s[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:[local_ip]:[local_port];transport=[transport]>
      Content-Length: 0

    ]]>
  </send>
  <recv request="CANCEL" timeout="@ANSWER_MS@" ontimeout="pick_up"/>
  <send>
    {_OK_TO_CANCEL}
  </send>
  <send retrans="500">
    <![CDATA[
      SIP/2.0 487 Request Terminated
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]s[call_number]
      [last_Call-ID:]
      CSeq: [last_cseq_number] INVITE
      Content-Length: 0

    ]]>
  </send>
  <recv request="INVITE" optional="true"/>
  <recv request="CANCEL" optional="true"/>
  <recv request="ACK" next="over"/>
  <label id="pick_up"/>
  <send retrans="500">
    <![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]s[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:[local_ip]:[local_port];transport=[transport]>
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=sipp 53655765 2353687637 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 8
      a=rtpmap:8 PCMA/8000

    ]]>
  </send>
  <label id="picked_up"/>
  <recv request="INVITE" optional="true"/>
  <recv request="CANCEL" optional="true" next="too_late"/>
  <recv request="ACK" next="talk"/>
  <label id="too_late"/>
  <send next="picked_up">
    {_OK_TO_CANCEL}
  </send>
  <label id="talk"/>
  <recv request="BYE"/>
  <send>
    <![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0

    ]]>
  </send>
  <label id="over"/>
  <nop/>
</scenario>
"""


@dataclass(frozen=True, slots=True)
class Rung:
    """An INVITE that a phone got: ``at`` epoch seconds, the last digits of who calls."""

    at: float
    agent: str
    caller: int


class SippPhones:
    """Phones of ``agents``, ``per_process`` of them in each SIPp; ``folder`` is theirs. They pick up after
    ``answer_s``.
    """

    def __init__(self, folder: Path, agents: Sequence[str], *, answer_s: float, per_process: int) -> None:
        self._parts = [agents[at : at + per_process] for at in range(0, len(agents), per_process)]
        self._folder = folder
        self._answer_s = answer_s
        self._processes: list[asyncio.subprocess.Process] = []

    @property
    def pids(self) -> list[int]:
        """Of the processes that take calls."""
        return [process.pid for process in self._processes]

    async def start(self) -> None:
        """Until all are registered and wait for calls; ``SystemExit`` with SIPp's words where they are not."""
        if self._parts and shutil.which("sipp") is None:
            raise SystemExit("SIPp is needed (Debian: apt install sip-tester), or --own phones for all agents")
        for which, part in enumerate(self._parts):
            folder = self._folder / f"sipp-{which}"
            folder.mkdir()
            (folder / "register.xml").write_text(REGISTER)
            (folder / "phone.xml").write_text(_PHONE.replace("@ANSWER_MS@", str(round(1000 * self._answer_s))))
            users = (f"{agent};[authentication username={agent} password={PASSWORD.format(agent)}]" for agent in part)
            (folder / "users.csv").write_text("\n".join(["SEQUENTIAL", *users, ""]))
            await self._register(folder, which, len(part))
            await self._serve(folder, which)

    async def _register(self, folder: Path, which: int, count: int) -> None:
        process = await asyncio.create_subprocess_exec(
            "sipp", "-sf", "register.xml", "-inf", "users.csv", *_at(which), "-m", str(count), "-r",
            str(_REGISTRATIONS_PER_S), "-timeout", str(round(_REGISTERED_S)), f"{HOUSE}:{SIP_PORT}",
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        words, _ = await process.communicate()
        if process.returncode != 0:
            raise SystemExit(f"phones could not register:\n{words.decode(errors='replace')[-3000:]}")

    async def _serve(self, folder: Path, which: int) -> None:
        media_port = _FIRST_MEDIA_PORT + 10 * which
        process = await asyncio.create_subprocess_exec(
            "sipp", "-sf", "phone.xml", *_at(which), "-mi", DESK, "-mp", str(media_port), "-rtp_echo",
            "-trace_logs", "-log_file", "rung.log", "-trace_err", "-error_file", "errors.log",
            "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-watchdog_interval", "0",
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._processes.append(process)
        async with asyncio.timeout(_BOUND_S):
            while not (folder / "stat.csv").exists():  # noqa: ASYNC110 - written once the port is bound
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Let them end their calls and go."""
        for process in self._processes:
            if process.returncode is None:
                process.send_signal(signal.SIGUSR1)
        for process in self._processes:
            try:
                async with asyncio.timeout(_LAST_CALLS_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    def rung(self) -> Iterator[Rung]:
        """What they have written down, once they are closed."""
        for path in self._folder.glob("sipp-*/rung.log"):
            for at, agent, caller in _RUNG.findall(path.read_text(errors="replace")):
                yield Rung(float(at), agent, int(caller[-8:]))

    def failed(self) -> int:
        """Calls in which SIPp heard what it did not expect. A late answer to a repeated REGISTER is one to SIPp,
        and not to us.
        """
        failed = 0
        for path in self._folder.glob("sipp-*/stat.csv"):
            with path.open() as file:
                failed += int(list(csv.DictReader(file, delimiter=";"))[-1]["FailedCall(C)"])
        return failed - len(_LATE_ANSWER.findall(self._errors()))

    def words(self) -> str:
        """The first of what SIPp says of calls that failed, without what is none: that nobody cancels before it picks
        up, and messages that were repeated after a call was over.
        """
        said = (one for one in _SAID.split(self._errors()) if not _NO_FAILURE.search(one))
        return " / ".join(" ".join(one.split())[:_LENGTH] for one in islice(said, _TOLD))

    def _errors(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self._folder.glob("sipp-*/errors.log"))


def _at(which: int) -> list[str]:
    return ["-t", "u1", "-i", DESK, "-p", str(_FIRST_PORT + which), "-nostdin"]
