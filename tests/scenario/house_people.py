"""People at the far ends of a house under test, callers, agents and customers, who do what seeded chance lets them."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine

from core.errors import LegEnded
from telephony.media.port import Address
from telephony.negotiation import SdpSide
from telephony.sip.address import NameAddress
from telephony.sip.events import Answered, Cancelled, HungUp, Invited, Offered, Refused, SipEvent, TimedOut
from telephony.sip.hop import UDP, Hop
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri

CODECS = ("PCMA", "PCMU")


class Session:
    """One call at a far end."""

    def __init__(self, phone: "Phone", session: str, offer: bytes | None) -> None:
        self.id = session
        self.offer = offer
        self.sdp = SdpSide(Address("10.9.9.9", 40000), CODECS, loopback=True)
        self.up = asyncio.Event()
        self.over = asyncio.Event()
        self._phone = phone

    def answer(self) -> None:
        answer = self.sdp.offer() if self.offer is None else self.sdp.answer(self.offer)[0]
        self._phone.stack.accept(self.id, answer)
        self.up.set()

    def refuse(self, status: int) -> None:
        self._phone.stack.reject(self.id, status)
        self.over.set()

    def hang_up(self) -> None:
        if not self.over.is_set():
            self._phone.stack.hang_up(self.id)
            self.over.set()

    def hold(self, *, held: bool) -> None:
        direction = b"sendonly" if held else b"sendrecv"
        self._phone.stack.reoffer(self.id, self.sdp.offer().replace(b"sendrecv", direction))


Life = Callable[[Session], Coroutine[None, None, None]]


class Phone:
    """A stack with people behind it. ``live`` is run for each incoming call."""

    def __init__(self, stack: SipStack, server: Hop, live: Life | None = None) -> None:
        self.stack = stack
        self.sessions: dict[str, Session] = {}
        self.most_at_once = 0
        self.rung = 0
        self._server = server
        self._live = live
        self.lives: set[asyncio.Task[None]] = set()
        stack.subscribe(self._on_sip)

    @property
    def living(self) -> list[Session]:
        return [session for session in self.sessions.values() if not session.over.is_set()]

    def call(self, number: str, caller: str, *, offer: bool = True) -> Session:
        uri = SipUri(self._server.host, user=number)
        session = Session(self, "", None)
        sdp = session.sdp.offer() if offer else None
        ours = NameAddress(SipUri(self.stack.address(UDP).host, user=caller))
        session.id = self.stack.invite(self._server, uri, ours, NameAddress(uri), sdp)
        self.sessions[session.id] = session
        return session

    def spawn(self, life: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(_until_over(life))
        self.lives.add(task)
        task.add_done_callback(self.lives.discard)

    def _on_sip(self, event: SipEvent) -> None:
        match event:
            case Invited(session=name, offer=offer):
                session = self.sessions[name] = Session(self, name, offer)
                self.rung += 1
                self.most_at_once = max(self.most_at_once, len(self.living))
                if self._live is not None:
                    self.stack.progress(name, 180)
                    self.spawn(self._live(session))
                else:
                    session.refuse(480)
            case Answered(session=name, sdp=sdp):
                session = self.sessions[name]
                if session.over.is_set():
                    return
                if session.sdp._version < 0 and sdp is not None:  # it was a call without an offer
                    self.stack.accept_late(name, session.sdp.answer(sdp)[0])
                session.up.set()
            case Offered(session=name, sdp=sdp):
                session = self.sessions[name]
                answer = session.sdp.offer() if sdp is None else session.sdp.answer(sdp)[0]
                self.stack.answer_offer(name, answer)
            case Refused(session=name) | Cancelled(session=name) | HungUp(session=name) | TimedOut(session=name):
                self.sessions[name].over.set()
            case _:
                pass


async def _until_over(life: Coroutine[None, None, None]) -> None:
    with contextlib.suppress(LegEnded):  # the house was faster
        await life


async def answers_somehow(session: Session, chance: random.Random) -> None:
    """What a called person may do: pick up sooner or later, refuse, or let it ring; talk, hold, hang up or not."""
    kind = chance.choice((*5 * ("answer",), *2 * ("at_once",), "refuse", "never", "touch_and_go"))
    if kind == "never":
        return
    if kind != "at_once":
        await asyncio.sleep(chance.uniform(0.0, 8.0))
    if session.over.is_set():
        return
    if kind == "refuse":
        session.refuse(chance.choice((486, 603, 480, 404, 503)))
        return
    session.answer()
    if kind == "touch_and_go":
        await asyncio.sleep(chance.choice((0.0, 0.01, 0.02, 0.03, 0.05)))
        session.hang_up()
        return
    await asyncio.sleep(chance.uniform(0.5, 20.0))
    while chance.random() < 0.4 and not session.over.is_set():
        session.hold(held=True)
        await asyncio.sleep(chance.uniform(0.0, 6.0))
        if not session.over.is_set() and chance.random() < 0.8:
            session.hold(held=False)
            await asyncio.sleep(chance.uniform(0.0, 6.0))
    if chance.random() < 0.7:
        session.hang_up()
