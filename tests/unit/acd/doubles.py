"""Doubles for call distribution: legs and phones that do as they are told."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import CallRejected, LegEnded, TransactionTimeout, Unavailable
from core.tap_target import TapTarget
from telephony.ports import EndReason, LegEnd


class FakeLeg:
    """A leg: clips last 3 s each, loops last for ever."""

    def __init__(self, leg_id: str, call_id: str = "", number: str = "+8613800138000") -> None:
        self.id = leg_id
        self.call_id = call_id or f"call of {leg_id}"
        self.number = number
        self.end: LegEnd | None = None
        self.heard: list[tuple[float, tuple[Path, ...]]] = []
        self.playing: tuple[Path, ...] = ()
        self.fault: BaseException | None = None
        self._ended = asyncio.Event()
        self._digits: asyncio.Queue[str] = asyncio.Queue()

    async def ring(self) -> None:
        pass

    async def early(self) -> None:
        pass

    async def answer(self) -> None:
        pass

    async def hang_up(self, reason: EndReason = EndReason.NORMAL, *, status: int = 0, cause: int = 0) -> None:
        if self.end is None:
            self.end = LegEnd(reason, by_us=True)
            self._ended.set()

    def far_end_hangs_up(self) -> None:
        if self.end is None:
            self.end = LegEnd(EndReason.NORMAL, by_us=False)
            self._ended.set()

    async def wait_ended(self) -> LegEnd:
        await self._ended.wait()
        assert self.end is not None
        return self.end

    async def play(self, clips: Sequence[Path], *, loop: bool = False) -> bool:
        if self.fault is not None:
            raise self.fault
        if self.end is not None:
            raise LegEnded(self.id)
        self.playing = tuple(clips)
        self.heard.append((asyncio.get_running_loop().time(), self.playing))
        try:
            await asyncio.sleep(1e6 if loop else 3.0 * len(clips))
        finally:
            self.playing = ()
        return True

    async def stop(self) -> None:
        self.playing = ()

    def press(self, digit: str) -> None:
        self._digits.put_nowait(digit)

    async def next_digit(self) -> str:
        return await self._digits.get()

    def clear_digits(self) -> None:
        while not self._digits.empty():
            self._digits.get_nowait()

    async def start_tap(self, target: TapTarget) -> None:
        raise NotImplementedError

    async def stop_tap(self) -> None:
        raise NotImplementedError


Behaviour = tuple[str, float]
"""What a phone does (answer, refuse, dead, crash, silent) and after how many seconds."""


class FakePhones:
    """Rings fakes; insists that a phone is never rung twice at a time."""

    def __init__(self, behave: Callable[[str], Behaviour], cancel_s: float = 0.05) -> None:
        self._behave = behave
        self._cancel_s = cancel_s
        self.ringing: set[str] = set()
        self.legs: list[FakeLeg] = []
        self.rung: list[tuple[float, str, str]] = []
        self.stopped: list[tuple[str, tuple[object, ...]]] = []
        """Whose ringing was cancelled, and with which message."""
        self.by_themselves: set[str] = set()
        """Who was rung by a call that his phone may answer by itself."""

    async def ring(
        self,
        agent: str,
        call_id: str,
        *,
        caller: str,
        timeout_s: float,
        auto_answer: bool = False,
        role: str = "agent",
    ) -> FakeLeg:
        assert agent not in self.ringing, f"{agent} is invited twice"
        self.ringing.add(agent)
        self.rung.append((asyncio.get_running_loop().time(), agent, call_id))
        self.by_themselves |= {agent} if auto_answer else set()
        try:
            return await self._ring(agent, call_id, timeout_s)
        except asyncio.CancelledError as stop:
            self.stopped.append((agent, stop.args))
            await asyncio.sleep(self._cancel_s)  # CANCEL on the wire takes a moment
            raise
        finally:
            self.ringing.discard(agent)

    async def _ring(self, agent: str, call_id: str, timeout_s: float) -> FakeLeg:
        act, after_s = self._behave(agent)
        if after_s >= timeout_s:
            await asyncio.sleep(timeout_s)
            raise TransactionTimeout(agent)
        await asyncio.sleep(after_s)
        match act:
            case "answer":
                leg = FakeLeg(f"{agent} {len(self.legs)}", call_id)
                self.legs.append(leg)
                return leg
            case "refuse":
                raise CallRejected(486, "Busy Here")
            case "dead":
                raise Unavailable("no phone")
            case "crash":
                raise ZeroDivisionError("a mistake in the switchboard")
            case _:
                await asyncio.sleep(1e6)
                raise AssertionError("silent phones are silent")


class FakeAnnouncer:
    """Names clips after what they say."""

    def music(self) -> Sequence[Path]:
        return [Path("music")]

    def place(self, ahead: int) -> Sequence[Path]:
        return [Path(f"ahead {ahead}")]

    def wait(self, seconds: float) -> Sequence[Path]:
        return [Path("wait")]

    def please_hold(self) -> Sequence[Path]:
        return [Path("hold")]

    def message(self, number: int) -> Sequence[Path]:
        return []

    def connecting(self) -> Sequence[Path]:
        return [Path("connecting")]

    def callback(self) -> Sequence[Path]:
        return [Path("callback")]
