"""Our side of the SIPp scenarios: SIP stacks on real sockets that do with a call what its scenario names, and count
what they are told. A called user ``rings.NAME`` rings in the run NAME; the calls that we make do as ``call`` is told.
"""

import asyncio
import hashlib
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from telephony.media.port import Address
from telephony.negotiation import SdpSide
from telephony.sdp.negotiate import NegotiationError
from telephony.sip.address import NameAddress
from telephony.sip.credentials import Credentials
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import (
    Answered,
    Cancelled,
    Confirmed,
    HungUp,
    Invited,
    OfferAnswered,
    Offered,
    OfferRefused,
    Progressed,
    RefreshWanted,
    Refused,
    Requested,
    Responded,
    SipEvent,
    TimedOut,
)
from telephony.sip.hop import Hop, Packet
from telephony.sip.message import Message
from telephony.sip.settings import SipSettings
from telephony.sip.stack import SipStack
from telephony.sip.timers import TimerValues
from telephony.sip.uri import SipUri

LOOPBACK: Final = "127.0.0.1"
PATIENT: Final = SipSettings(timers=TimerValues(t1=2.0))
"""On a line that loses nothing we do not repeat early, so that a slow machine is not taken for a bad line."""
QUICK: Final = SipSettings(timers=TimerValues(t1=0.05, t2=0.4, t4=0.5), max_ringing_s=4.0)
"""A tenth of the times of RFC 3261, for scenarios that wait for all of them to pass; then nobody rings on."""
MOST_LOST_IN_A_ROW: Final = 2
SETTLED_S: Final = 1.5
"""When what was lost or late of the beginning of a call has been repeated: SIPp takes nothing that is out of turn."""
_RUN: Final = re.compile(rb"<sip:(\d+-[\w.-]+)@")
_CSEQ: Final = re.compile(rb"\r\nCSeq: *([^\r\n]+)")
_REFUSING: Final = re.compile(r"refuses-(\d{3})")
_HANGING_UP: Final = {"hangs-up": 0.0, "proves": 0.0, "hangs-up-soon": 0.2, "hangs-up-later": SETTLED_S}
"""How long after the answer, seconds; where messages are lost not before ``SETTLED_S``."""
Act: TypeAlias = Callable[["Stack", str], None]


class Clock:
    def now(self) -> float:
        return time.time()


class LossyEndpoint(Endpoint):
    """Loses a share of what comes and goes, the same at every run: the n-th copy of a message of the n-th call of a
    scenario is lost or not; never three copies in a row.
    """

    def __init__(self, local: Sequence[Hop], *, loss: float, settings: SipSettings) -> None:
        super().__init__(local, entropy=random.Random(7).randbytes, settings=settings)
        self._loss = loss
        self._copies: Counter[str] = Counter()
        self._in_a_row: Counter[str] = Counter()
        self._invites: set[tuple[bytes, bytes]] = set()
        self.lost = 0
        self.repeats: Counter[str] = Counter()
        """INVITEs of ours that were sent again, by run: where messages are lost, or the machine is late."""

    def receive(self, data: bytes | Message, source: Hop, now: float) -> None:
        if not isinstance(data, bytes) or not self._is_lost("in", data):
            super().receive(data, source, now)

    def outgoing(self) -> list[Packet]:
        packets = super().outgoing()
        for packet in packets:
            self._count_repeat(packet.data)
        return [packet for packet in packets if not self._is_lost("out", packet.data)]

    def _count_repeat(self, data: bytes) -> None:
        run, cseq = _RUN.search(data), _CSEQ.search(data)
        if run is None or cseq is None or not data.startswith(b"INVITE "):
            return
        invite = run[1], cseq[1]
        if invite in self._invites:
            self.repeats[run[1].decode().partition("-")[2]] += 1
        self._invites.add(invite)

    def _is_lost(self, way: str, data: bytes) -> bool:
        run, cseq = _RUN.search(data), _CSEQ.search(data)
        if run is None or cseq is None or not self._loss:
            return False
        kind = f"{way} {run[1].decode()} {cseq[1].decode()} {data[:12].decode('ascii', 'replace')}"
        self._copies[kind] += 1
        dice = hashlib.sha256(f"{kind} {self._copies[kind]}".encode()).digest()
        if int.from_bytes(dice[:4], "big") >= self._loss * 2**32 or self._in_a_row[kind] >= MOST_LOST_IN_A_ROW:
            self._in_a_row[kind] = 0
            return False
        self._in_a_row[kind] += 1
        self.lost += 1
        return True


class Stack:
    """One stack that any number of runs share."""

    def __init__(self, loss: float = 0.0, settings: SipSettings | None = None, host: str = LOOPBACK) -> None:
        listen = [Hop("UDP", host, 0), Hop("TCP", host, 0)]
        self.host = host
        self._settles_s = SETTLED_S if loss or settings is QUICK else 0.05
        self._hangs_up_after_s = SETTLED_S if loss else 0.0
        self.endpoint = LossyEndpoint(listen, loss=loss, settings=settings or SipSettings())
        self.sip = SipStack(self.endpoint, Clock(), listen)
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.news = asyncio.Event()
        self._runs: dict[str, str] = {}
        self._acts: dict[str, str] = {}
        self._sides: dict[str, SdpSide] = {}
        self._offers: dict[str, bytes | None] = {}
        self._asked: dict[str, str] = {}
        self.sip.subscribe(self._on_event)

    def call(self, act: str, run: str, number: int, port: int, transport: str) -> None:
        """Call the SIPp at ``port``, as ``act`` says."""
        target = Hop(transport, self.host, port)
        uri = SipUri(self.host, user="sipp", port=port)
        from_ = NameAddress(SipUri(self.host, user=f"{number}-{run}", port=port))
        side = SdpSide(Address(self.host, 40000), ("PCMA", "PCMU"))
        credentials = Credentials("line", "wrong" if act == "proves-wrong" else "secret")
        if act == "asks-options":
            key = self.sip.request(target, "OPTIONS", uri, from_, NameAddress(uri))
            self._asked[key] = run
            return
        session = self.sip.invite(
            target, uri, from_, NameAddress(uri), None if act == "calls-late" else side.offer(),
            None if act == "calls-unknown" else credentials,
        )  # fmt: skip
        self._runs[session], self._acts[session], self._sides[session] = run, act, side
        if act == "gives-up-at-once":
            self.sip.hang_up(session)
        elif act == "gives-up-soon":
            self._later(0.3, self.sip.hang_up, session)

    async def until(self, run: str, wanted: Counter[str], timeout_s: float) -> Counter[str]:
        """What was told of ``run``, once it is at least ``wanted`` or the time is over."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self.counts[run] >= wanted:
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            pass
        return self.counts[run]

    def left(self) -> list[tuple[str, str]]:
        """The runs whose calls are still there, and the state of each."""
        return [(self._runs[name], one.state.name) for name, one in self.endpoint._sessions._sessions.items()]

    def _later(self, seconds: float, do: Callable[..., None], *arguments: object) -> None:
        asyncio.get_running_loop().call_later(seconds, do, *arguments)

    def _on_event(self, event: SipEvent) -> None:
        if isinstance(event, Invited):
            act, _, run = event.request.uri.user.partition(".")
            self._runs[event.session], self._acts[event.session] = run, act
            self._sides[event.session] = SdpSide(Address(self.host, 40000), ("PCMA", "PCMU"))
            self._offers[event.session] = event.offer
        elif isinstance(event, Requested):
            self.counts[event.request.uri.user.partition(".")[2]]["Requested"] += 1
            self.sip.answer_request(event.key, 200, [("Accept", "application/sdp")])
            self.news.set()
            return
        elif isinstance(event, Responded):
            self.counts[self._asked.pop(event.key)][f"Responded-{event.status}"] += 1
            self.news.set()
            return
        self.counts[self._runs[event.session]][_named(event)] += 1
        self._act(self._acts[event.session], event)
        self.news.set()

    def _act(self, act: str, event: SipEvent) -> None:
        session = event.session if not isinstance(event, Requested | Responded) else ""
        match event:
            case Invited():
                self._called(act, session)
            case Confirmed():
                self._up(act, session)
            case Progressed() if act == "gives-up-ringing":
                self.sip.hang_up(session)
            case Answered(sdp=bytes() as sdp) if act == "calls-late":
                self.sip.accept_late(session, self._sides[session].answer(sdp)[0])
                self._later(0.1, self.sip.hang_up, session)
            case Answered():
                self._up(act, session)
            case OfferAnswered() | OfferRefused():
                if act in ("holds-and-hangs-up", "called-holds-and-hangs-up"):
                    self._later(self._settles_s, self.sip.hang_up, session)
            case Offered(sdp=sdp):
                self._offered(act, session, sdp)
            case RefreshWanted():
                self.sip.reoffer(session, self._sides[session].offer())
            case _:
                pass

    def _called(self, act: str, session: str) -> None:
        refusing = _REFUSING.fullmatch(act)
        if refusing is not None:
            self.sip.reject(session, int(refusing[1]))
        elif act == "waits":
            return
        elif act == "early":
            self._accept(session, 183)
            self._later(0.2, self._accept_if_there, session)
        elif act == "early-until-offered":
            self._accept(session, 183)
        elif act == "answers-soon":
            self.sip.progress(session, 180)
            self._later(0.3, self._accept_if_there, session)
        else:
            self.sip.progress(session, 180)
            if act != "rings":
                self._accept(session, 200)
            if act == "hangs-up-at-once":
                self.sip.hang_up(session)

    def _accept_if_there(self, session: str) -> None:
        if self.endpoint._sessions.is_live(session):
            self._accept(session, 200)

    def _accept(self, session: str, status: int) -> None:
        offer = self._offers[session]
        side = self._sides[session]
        try:
            sdp = side.offer() if offer is None else side.answer(offer)[0]
        except NegotiationError as error:
            self.sip.reject(session, error.status)
            return
        if status == 200:
            self.sip.accept(session, sdp)
        else:
            self.sip.progress(session, status, sdp)

    def _up(self, act: str, session: str) -> None:
        if act in _HANGING_UP:
            self._later(max(_HANGING_UP[act], self._hangs_up_after_s), self.sip.hang_up, session)
        elif act in ("holds", "holds-and-hangs-up", "called-holds", "called-holds-and-hangs-up"):
            held = self._sides[session].offer().replace(b"a=sendrecv", b"a=sendonly")
            self._later(self._settles_s, self.sip.reoffer, session, held)
        elif act == "presses":
            self.sip.info(session, "application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n")

    def _offered(self, act: str, session: str, sdp: bytes | None) -> None:
        if act == "thinks":
            return
        if act == "answers-offers-later":
            self._later(0.4, self._answer_offer, session, sdp)
        elif act == "refuses-offers":
            self.sip.reject_offer(session)
        else:
            self._answer_offer(session, sdp)
            if act == "early-until-offered":
                self.sip.accept(session, self._sides[session].offer())

    def _answer_offer(self, session: str, sdp: bytes | None) -> None:
        side = self._sides[session]
        try:
            self.sip.answer_offer(session, side.offer() if sdp is None else side.answer(sdp)[0])
        except NegotiationError as error:
            self.sip.reject_offer(session, error.status)


def _named(event: SipEvent) -> str:
    """The event's kind; with the status where it has one that matters, and the cause."""
    match event:
        case Refused(status=status) | OfferRefused(status=status):
            return f"{type(event).__name__}-{status}"
        case HungUp(cause=int() as cause) if cause != 16:
            return f"HungUp-{cause}"
        case Cancelled() | TimedOut():
            return type(event).__name__
        case _:
            return type(event).__name__
