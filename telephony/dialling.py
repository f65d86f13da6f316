"""Calls to the outside: by which trunk of a group, to which address of it, and how the carrier is told who calls."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from core.clock import Clock
from core.errors import CallRejected, NotAllowed, Unavailable
from telephony.full_trunks import FullTrunks
from telephony.leg import SipLeg
from telephony.outgoing import OutgoingLeg, Unreachable
from telephony.ports import Leg
from telephony.redirection import FOLLOWED, Onward, Redirected, Redirections
from telephony.sip.address import NameAddress
from telephony.sip.hop import Hop
from telephony.sip.identity import ANONYMOUS
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri
from telephony.trunk import TrunkBook, TrunkSettings
from telephony.trunk_identity import CameBy, introduce

_log = logging.getLogger("line400.telephony")
MAX_ADDRESSES: Final = 4
"""So many addresses of one trunk are tried for one call."""


class ChannelsFull(Unavailable):
    """All channels of a trunk are in use."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One call to be made: ``caller_id`` "" shows the trunk's own number, ``anonymous`` none."""

    number: str
    call_id: str
    caller_id: str
    timeout_s: float
    by: str = ""
    """Who dials, "" where nobody does (a campaign, a customer who is called back)."""


class Dialler:
    """``make`` gives a leg for a call id, a number and a trunk; ``follow`` routes a session's events to it and returns
    the session's id; ``admit`` is ``Tolls.admit``, for numbers that a carrier sends a call on to.
    """

    def __init__(
        self,
        stack: SipStack,
        trunks: TrunkBook,
        clock: Clock,
        make: Callable[[str, str, str], OutgoingLeg],
        follow: Callable[[str, SipLeg], str],
        full: FullTrunks,
        admit: Callable[[str, str, str], str],
    ) -> None:
        self._stack = stack
        self._trunks = trunks
        self._clock = clock
        self._make = make
        self._follow = follow
        self._full = full
        self._admit = admit
        self._came: dict[str, CameBy] = {}

    def arrived(self, call_id: str, came: CameBy, leg: SipLeg) -> None:
        """A call came from a carrier on ``leg``: what is dialled for the same call while the leg lives is that call
        sent on, and carriers that want to know are told.
        """
        self._came[call_id] = came
        leg.when_gone(lambda: self._gone(call_id))

    def _gone(self, call_id: str) -> None:
        self._came.pop(call_id, None)

    async def dial(self, wish: Wish, trunk: str) -> Leg:
        """See ``telephony.ports.Outside``. Of a group the next trunk is tried where one is full, refuses with 5xx or
        cannot be reached at all; nobody's phone has rung then.
        """
        candidates = self._trunks.candidates(trunk)
        if not candidates:
            raise Unavailable(f"there is no trunk {trunk!r}")
        why: CallRejected | Unavailable | None = None
        full: list[TrunkSettings] = []
        for settings in candidates:
            try:
                return await self._as_sent_on(settings, wish, more=settings is not candidates[-1])
            except CallRejected as error:
                if not 500 <= error.status < 600:
                    raise
                why = error
            except Unavailable as error:
                why = error
                if isinstance(error, ChannelsFull):
                    full.append(settings)
            _log.info("trunk %s took no call: %s", settings.name, why)
        now = self._clock.now()
        for settings in full:
            self._full.refused(settings.name, "out", settings.max_calls, now, call_id=wish.call_id, dnis=wish.number)
        raise why or Unavailable(f"trunk {trunk!r} took no call")

    async def _as_sent_on(self, settings: TrunkSettings, wish: Wish, *, more: bool) -> Leg:
        """By one trunk, and on to where it sends the call by 3xx, as far as that is followed."""
        try:
            return await self._by(settings, wish, more=more)
        except Redirected as answer:
            return await self._onward(settings, wish, answer)

    async def _onward(self, settings: TrunkSettings, wish: Wish, answer: Redirected) -> Leg:
        """All of it within the time of one call; where nothing is followed, or all refuse, the last refusal is told."""

        def may(number: str) -> str:
            if not wish.by:
                raise NotAllowed("calls that nobody dials himself go to their own numbers only")
            return self._admit(number, wish.call_id, wish.by)

        places = self._trunks.places(settings.name)
        ways = Redirections(settings, places.hops, wish.number, may)
        ways.take(answer)
        last: CallRejected | Unavailable = answer
        until = self._clock.now() + wish.timeout_s
        while not _is_last_word(last) and (onward := ways.next()) is not None:
            await self._turn(settings)
            left = replace(wish, timeout_s=max(1.0, until - self._clock.now()))
            try:
                return await self._at(settings, onward.hop or places.order(self._clock.now())[0], left, 0.0, onward)
            except Redirected as again:
                ways.take(again)
                last = again
            except (CallRejected, Unreachable) as error:
                last = error
        for why in ways.refused:
            _log.warning("trunk %s sends a call on, which is not followed: %s", settings.name, why)
        raise last

    async def _turn(self, settings: TrunkSettings) -> None:
        wait_s = self._trunks.turn_s(settings.name, self._clock.now())
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    async def _by(self, settings: TrunkSettings, wish: Wish, *, more: bool) -> Leg:
        """By one trunk: its next address is tried where one is silent, cannot be reached or sends 503 (RFC 3263 §4.3).
        ``more`` where another trunk could take the call.
        """
        places = self._trunks.places(settings.name)
        hops = places.order(self._clock.now())[:MAX_ADDRESSES]
        for hop in hops:
            await self._turn(settings)
            try:
                leg = await self._at(settings, hop, wish, settings.reach_s if more or hop is not hops[-1] else 0.0)
            except (CallRejected, Unreachable) as error:
                if isinstance(error, CallRejected) and error.status != 503:
                    places.answered(hop)
                    raise
                places.failed(hop, self._clock.now())
                if hop is hops[-1]:
                    raise
                _log.info("trunk %s: %s took no call: %s", settings.name, hop, error)
            else:
                places.answered(hop)
                return leg
        raise Unreachable(f"trunk {settings.name!r} has no address")

    async def _at(
        self, settings: TrunkSettings, hop: Hop, wish: Wish, reach_s: float, onward: Onward | None = None
    ) -> Leg:
        ours = self._stack.address(hop.transport)
        if not self._trunks.take(settings.name):
            raise ChannelsFull(f"all {settings.max_calls} channels of trunk {settings.name!r} are in use")
        leg = self._make(wish.call_id, onward.number if onward else wish.number, settings.name)
        leg.reasons = settings.identity.reasons
        leg.when_gone(lambda: self._trunks.give_back(settings.name))
        to = SipUri(settings.host, user=settings.dialled(wish.number), port=settings.uri_port)
        uri = onward.uri if onward else to
        hidden = wish.caller_id == ANONYMOUS
        shown = settings.shown(wish.number) if hidden or not wish.caller_id else wish.caller_id
        introduced = introduce(
            settings.identity,
            shown,
            settings.user,
            ours.host,
            uri,
            self._came.get(wish.call_id),
            hidden=hidden,
            passed=onward.diversions if onward else (),
        )

        routes = self._trunks.places(settings.name).service_route

        def invite(offer: bytes) -> str:
            session = self._stack.invite(
                hop, uri, introduced.from_, NameAddress(to), offer, settings.credentials, introduced.headers, routes
            )
            return self._follow(session, leg)

        try:
            await leg.connect(invite, settings.terms.towards(hop.host), wish.timeout_s, reach_s=reach_s)
        except CallRejected as refusal:
            if refusal.status in FOLLOWED and leg.moved_to:
                raise Redirected(refusal, leg.moved_to) from None
            raise
        return leg


def _is_last_word(refusal: CallRejected | Unavailable) -> bool:
    """RFC 3261 §16.7: a 6xx is the person's word for all places where he might be called."""
    return isinstance(refusal, CallRejected) and refusal.status >= 600
