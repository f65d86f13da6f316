"""Sessions that change hands: REFER from our phones, INVITEs that replace a call, legs that move to another call.

Who may: REFER only agents' phones, for legs of their own; a call is replaced only by another phone of the same agent,
or by the trunk that it came or went by, whether it is up or rings. A colleague's phone may not take a call that rings:
queues, figures and recordings know whom they have rung. Nobody outside can have us call anybody, and nobody inside can
have us call other domains: what REFER names there is not our number of the same name.
"""

import logging
from collections.abc import Callable
from typing import Final

from core.errors import LegEnded
from core.events import Log
from core.ids import Ids
from telephony.audio import AudioRoom
from telephony.doorkeeper import Admitted
from telephony.leg import SipLeg
from telephony.leg_life import LegName
from telephony.moved import MovedLeg
from telephony.negotiation import Terms
from telephony.ports import Leg
from telephony.referral import Referral
from telephony.sip.events import Invited, Referred
from telephony.sip.stack import SipStack
from telephony.sip.uri import Uri

_log: Final = logging.getLogger("line400.telephony")


class Handover:
    """``legs`` are the switchboard's, by session; ``forget`` says that one of them is not a leg's any more;
    ``means_us`` whether an agent's phone means the house by a URI.
    """

    def __init__(
        self,
        *,
        stack: SipStack,
        room: AudioRoom,
        log: Log,
        ids: Ids,
        legs: dict[str, SipLeg],
        forget: Callable[[str, SipLeg], None],
        means_us: Callable[[Uri, str], bool],
    ) -> None:
        self.on_referral: Callable[[Referral], None] | None = None
        self._stack = stack
        self._room = room
        self._events = log
        self._ids = ids
        self._legs = legs
        self._forget = forget
        self._means_us = means_us

    def referred(self, event: Referred) -> None:
        """A REFER came."""
        leg = self._legs.get(event.session)
        replaces = event.target.replaces
        other = self._legs.get(self._stack.session_of(replaces)) if replaces is not None else None
        if leg is None or self.on_referral is None or not leg.name.party:
            self._stack.refuse_referral(event.session, event.key, 403)
        elif replaces is not None and other is None:
            self._stack.refuse_referral(event.session, event.key, 481)
        elif other is leg or (other is not None and other.name.party != leg.name.party):
            self._stack.refuse_referral(event.session, event.key, 403)
        elif other is None and not self._means_us(event.target.uri, leg.name.party):
            _log.warning("leg %s: a phone of agent %s refers to another domain", leg.id, leg.name.party)
            self._stack.refuse_referral(event.session, event.key, 403)
        else:
            self.on_referral(Referral(self._stack, event.session, event.key, leg, event.target.uri.user, other))

    def replace(self, event: Invited, admitted: Admitted, terms: Terms) -> None:
        """An INVITE with Replaces came, from somebody who may come in."""
        if event.replaces is None:
            return
        leg = self._legs.get(event.replaces.session)
        if leg is None:
            self._stack.reject(event.session, event.replaces.status or 481)
        elif not (admitted.agent or admitted.trunk) or (admitted.agent, admitted.trunk) != (
            leg.name.party,
            leg.name.trunk,
        ):
            self._stack.reject(event.session, 403)
        else:
            self._legs[event.session] = leg
            leg.when_gone(lambda: self._forget(event.session, leg))
            leg.replaced_by(
                event.session,
                event.offer,
                terms,
                lambda session: self._forget(session, leg),
                early_only=event.replaces.early_only,
            )

    async def move(self, old: Leg, call_id: str, *, when_moved: Callable[[], None], role: str = "") -> Leg:
        """See ``telephony.ports.LegMover``."""
        before = next((leg for leg in self._legs.values() if leg.id == old.id), None)
        if before is None:
            raise LegEnded(f"leg {old.id} ended")
        session = before.session
        was = before.name
        name = LegName(self._ids.new("leg"), call_id, old.number, role or was.role, was.party, was.trunk)
        leg = MovedLeg(name, stack=self._stack, room=self._room, log=self._events)

        def follow() -> None:
            self._legs[session] = leg

        try:
            await leg.take(before, follow, when_moved)
        except BaseException:
            if before.end is None:
                self._legs[session] = before
            else:
                self._forget(session, leg)
            raise
        leg.when_gone(lambda: self._forget(session, leg))
        return leg
