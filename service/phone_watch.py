"""Follows agents' phones: asks each by OPTIONS whether it is there, and tells call distribution and the log what
changes.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final

from core.clock import Clock
from core.errors import Unavailable
from core.events import Log
from telephony.facts import PhoneAnswers, PhoneGone, PhoneRegistered, PhoneSilent
from telephony.phone_pulse import NOT_THERE, Heard, PhoneKey
from telephony.phones import Phone, Phones
from telephony.sip.address import NameAddress
from telephony.sip.events import Responded
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri
from telephony.switchboard import Switchboard

_log = logging.getLogger("line400.service")
LOOK_S: Final = 0.5
US: Final = "line400"


class PhoneWatch:
    """``told`` is called with an agent when one of his phones falls silent or answers again."""

    def __init__(
        self,
        agents: Iterable[str],
        phones: Phones,
        stack: SipStack,
        switchboard: Switchboard,
        clock: Clock,
        log: Log,
    ) -> None:
        self._agents = tuple(agents)
        self._phones = phones
        self._stack = stack
        self._switchboard = switchboard
        self._clock = clock
        self._events = log
        self._known: dict[PhoneKey, Phone] = {}
        self.told: Callable[[str], None] = lambda agent: None

    def change(self, agents: Iterable[str]) -> None:
        """These are the agents from now on."""
        self._agents = tuple(agents)

    @property
    def agents(self) -> tuple[str, ...]:
        """Whose phones are followed."""
        return self._agents

    def registered(self, agent: str) -> None:
        """The agent's registrations have changed: a phone that was silent and has registered now is back."""
        now = self._clock.now()
        for phone in self._phones.of(agent, now):
            binding = phone.binding
            if binding is not None and self._phones.pulses.registered(phone.key, binding.refreshed_at, now):
                self._tell(phone.key)

    async def run(self) -> None:
        """Look at all phones every ``LOOK_S``; until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Note who has come and gone, ask who is due, and give up on who has not answered."""
        now, pulses = self._clock.now(), self._phones.pulses
        phones = {phone.key: phone for phone in self._phones.all(self._agents, now)}
        self._note_changes(phones, now)
        pulses.keep(phones, now)
        for key in pulses.overdue(now):
            self._heard(key, Heard.SILENCE)
        for key in pulses.to_ask(now):
            self._ask(phones[key])

    def _note_changes(self, phones: dict[PhoneKey, Phone], now: float) -> None:
        """A phone whose address alone has changed (NAT, a new connection) has neither come nor gone."""
        before = {(agent, uri): phone for (agent, uri, _), phone in self._known.items()}
        after = {(agent, uri): phone for (agent, uri, _), phone in phones.items()}
        for (agent, uri), phone in before.items():
            if (agent, uri) not in after:
                expired = phone.binding is not None and phone.binding.expires_at <= now
                self._events.post("", PhoneGone(agent, uri, "expired" if expired else "unregistered"))
        for (agent, uri), phone in after.items():
            if (agent, uri) not in before and phone.binding is not None:
                self._events.post("", PhoneRegistered(agent, uri, str(phone.target.hop), phone.binding.user_agent))
        self._known = phones

    def _ask(self, phone: Phone) -> None:
        key, target = phone.key, phone.target
        try:
            ours = self._stack.address(target.hop.transport)
        except Unavailable as error:  # we do not listen on its transport any more
            _log.warning("a phone of agent %s cannot be asked: %s", phone.agent, error)
            self._heard(key, Heard.UNREACHABLE)
            return
        from_ = NameAddress(SipUri(ours.host, user=US))
        to = NameAddress(target.uri)
        request = self._stack.request(target.hop, "OPTIONS", target.uri, from_, to, routes=target.routes)

        def answered(event: Responded) -> None:
            if event.response is None and event.status == 408:
                return  # the transaction has run out; it counted as missed long ago
            gone = event.response is None or event.status in NOT_THERE
            self._heard(key, Heard.UNREACHABLE if gone else Heard.ANSWER)

        self._switchboard.expect(request, answered)

    def _heard(self, key: PhoneKey, heard: Heard) -> None:
        if self._phones.pulses.hear(key, heard, self._clock.now()):
            self._tell(key)

    def _tell(self, key: PhoneKey) -> None:
        """Whether calls go to the phone has changed."""
        agent, uri, hop = key
        if self._phones.pulses.answers(key):
            self._events.post("", PhoneAnswers(agent, uri))
        else:
            _log.warning("a phone of agent %s at %s does not answer any more", agent, hop)
            self._events.post("", PhoneSilent(agent, uri))
        self.told(agent)
