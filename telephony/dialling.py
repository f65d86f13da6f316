"""Calls to the outside: by which trunk of a group, to which address of it, and how the carrier is told who calls."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.clock import Clock
from core.errors import CallRejected, Unavailable
from telephony.full_trunks import FullTrunks
from telephony.leg import SipLeg
from telephony.outgoing import OutgoingLeg, Unreachable
from telephony.ports import Leg
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


class Dialler:
    """``make`` gives a leg for a call id, a number and a trunk; ``follow`` routes a session's events to it and returns
    the session's id.
    """

    def __init__(
        self,
        stack: SipStack,
        trunks: TrunkBook,
        clock: Clock,
        make: Callable[[str, str, str], OutgoingLeg],
        follow: Callable[[str, SipLeg], str],
        full: FullTrunks,
    ) -> None:
        self._stack = stack
        self._trunks = trunks
        self._clock = clock
        self._make = make
        self._follow = follow
        self._full = full
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
                return await self._by(settings, wish, more=settings is not candidates[-1])
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

    async def _by(self, settings: TrunkSettings, wish: Wish, *, more: bool) -> Leg:
        """By one trunk: its next address is tried where one is silent, cannot be reached or sends 503 (RFC 3263 §4.3).
        ``more`` where another trunk could take the call.
        """
        places = self._trunks.places(settings.name)
        hops = places.order(self._clock.now())[:MAX_ADDRESSES]
        for hop in hops:
            wait_s = self._trunks.turn_s(settings.name, self._clock.now())
            if wait_s > 0:
                await asyncio.sleep(wait_s)
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

    async def _at(self, settings: TrunkSettings, hop: Hop, wish: Wish, reach_s: float) -> Leg:
        ours = self._stack.address(hop.transport)
        if not self._trunks.take(settings.name):
            raise ChannelsFull(f"all {settings.max_calls} channels of trunk {settings.name!r} are in use")
        leg = self._make(wish.call_id, wish.number, settings.name)
        leg.reasons = settings.identity.reasons
        leg.when_gone(lambda: self._trunks.give_back(settings.name))
        uri = SipUri(settings.host, user=settings.dialled(wish.number), port=settings.uri_port)
        hidden = wish.caller_id == ANONYMOUS
        shown = settings.shown(wish.number) if hidden or not wish.caller_id else wish.caller_id
        introduced = introduce(
            settings.identity, shown, settings.user, ours.host, uri, self._came.get(wish.call_id), hidden=hidden
        )

        routes = self._trunks.places(settings.name).service_route

        def invite(offer: bytes) -> str:
            session = self._stack.invite(
                hop, uri, introduced.from_, NameAddress(uri), offer, settings.credentials, introduced.headers, routes
            )
            return self._follow(session, leg)

        await leg.connect(invite, settings.terms.towards(hop.host), wish.timeout_s, reach_s=reach_s)
        return leg
