"""The limits that every source is held to: where it may come from, how much it may ask, how often it may guess. Pure.

Three kinds of sources: trunks and addresses at which a phone of ours is registered (``familiar``), which get a high
rate and are never silenced as a whole, and strangers. Sources are told apart by address (IPv6: by /64), so phones
behind one NAT share their rate, but not their passwords' pauses.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from telephony.incidents import Incidents
from telephony.security_facts import LockLifted, SourceBarred, SourceFlooding, SourceLockedOut, WrongPasswords
from telephony.sip.lockout import Lockout
from telephony.sip.strangers import BURST, RATE_PER_S, Strangers, source_of

_log: Final = logging.getLogger("line400.sip")
Network: TypeAlias = IPv4Network | IPv6Network

USERS_SHARE: Final = 10
"""Wrong proofs for one user that count against their source: one phone with a wrong password locks out itself only."""
SOURCE_FREE: Final = 2 * USERS_SHARE
"""Wrong proofs that a source has before it is locked out as a whole."""
LONGEST_AT_HOME_S: Final = 60.0
"""Of a user's pause where his phone is registered at that address: whoever sits beside him must not keep him out."""
WHOLE_IPV4: Final = 32
"""Bits."""
MAX_USER: Final = 64
"""Characters of a claimed user that are remembered."""
FAMILIAR_TIMES: Final = 40.0
"""Trunks and addresses of registered phones may ask so many times more than a stranger."""


@dataclass(frozen=True, slots=True)
class DefenceSettings:
    """``blocked`` are not listened to at all. Phones are served only from ``phone_networks`` (empty: from anywhere),
    and those of an agent in ``agent_networks`` only from his. ``requests_per_s`` in the long run and ``burst`` at once
    are a stranger's; ``free_guesses`` wrong passwords in a row for one user cost nothing, then pauses double up to
    ``lockout_max_s``.
    """

    blocked: tuple[Network, ...] = ()
    phone_networks: tuple[Network, ...] = ()
    agent_networks: Mapping[str, tuple[Network, ...]] = field(default_factory=dict)
    requests_per_s: float = RATE_PER_S
    burst: float = BURST
    free_guesses: int = 5
    lockout_max_s: float = 3600.0
    nonce_bits: int = 32
    """Leading bits of an IPv4 address that a nonce is bound to; 0: to nothing, with IPv6 neither."""


@dataclass(frozen=True, slots=True)
class LockedOut:
    """Proofs of ``user`` ("": of anybody) from ``source`` are not looked at up to ``until``, for ``wrong`` ones
    ``since`` the first of them; moments are of the clock.
    """

    source: str
    user: str
    wrong: int
    since: float
    until: float


class Defence:
    """Counts what sources do, and says what they may. What is noteworthy goes to ``incidents``."""

    def __init__(self, settings: DefenceSettings | None = None, incidents: Incidents | None = None) -> None:
        self.settings = settings or DefenceSettings()
        self.incidents = incidents or Incidents()
        rate_per_s, burst = self.settings.requests_per_s, self.settings.burst
        self.strangers = Strangers(rate_per_s, burst)
        self.familiar = Strangers(rate_per_s * FAMILIAR_TIMES, burst * FAMILIAR_TIMES)
        self._sources: Lockout[str] = Lockout(SOURCE_FREE, self.settings.lockout_max_s)
        self._users: Lockout[tuple[str, str]] = Lockout(self.settings.free_guesses, self.settings.lockout_max_s)
        self.is_blocked = lru_cache(maxsize=4096)(self._is_blocked)
        """Whether nothing of a host is listened to."""

    def change(self, settings: DefenceSettings) -> None:
        """These hold from now on; what was counted and whoever is in a pause stay."""
        self.settings = settings
        self.is_blocked.cache_clear()
        self.strangers.change(settings.requests_per_s, settings.burst)
        self.familiar.change(settings.requests_per_s * FAMILIAR_TIMES, settings.burst * FAMILIAR_TIMES)
        self._sources.change(SOURCE_FREE, settings.lockout_max_s)
        self._users.change(settings.free_guesses, settings.lockout_max_s)

    def _is_blocked(self, host: str) -> bool:
        return bool(self.settings.blocked) and _within(host, self.settings.blocked)

    def lets_in(self, host: str, now: float, *, familiar: bool) -> bool:
        """Whether one more request of ``host`` is looked at; if not, it gets no answer."""
        source = source_of(host)
        if not familiar and self._sources.locked(source, now):
            return False
        rates = self.familiar if familiar else self.strangers
        if rates.lets_in(host, now):
            return True
        if self.incidents.note("flood", source, now, lambda count: SourceFlooding(source, count)):
            _log.warning("%s asks more than it may by SIP; what is over the limit is dropped", source)
        return False

    def serves_phone(self, user: str, host: str, now: float) -> bool:
        """Whether the phone of ``user`` may be at ``host``. If not, its proof is not looked at."""
        if self.allows_phone(user, host):
            return True
        source = source_of(host)
        if self.incidents.note("barred", source, now, lambda count: SourceBarred(source, count)):
            _log.warning("a phone asked from %s, where it is not allowed to be", source)
        return False

    def allows_phone(self, user: str, host: str) -> bool:
        """As ``serves_phone``, of a phone that asks nothing."""
        networks = self.settings.agent_networks.get(user) or self.settings.phone_networks
        return not networks or _within(host, networks)

    def nonce_source(self, source: str) -> str:
        """What of a source a nonce is bound to; ``source`` as ``source_of`` gives it."""
        bits = self.settings.nonce_bits
        if bits == 0:
            return ""
        if bits == WHOLE_IPV4 or ":" in source:
            return source
        return str(ip_network(f"{source}/{bits}", strict=False))

    def may_prove(self, user: str, host: str, now: float, *, at_home: bool) -> bool:
        """Whether a proof of ``user`` from ``host`` is looked at now; ``at_home`` if his phone is registered there.

        If not, the answer is the same as to a wrong proof, and a right one is worth nothing either.
        """
        source, user = source_of(host), user[:MAX_USER]
        longest_s = LONGEST_AT_HOME_S if at_home else float("inf")
        if self._users.locked((source, user), now, at_most_s=longest_s):
            return False
        return at_home or not self._sources.locked(source, now)

    def proved_wrong(self, user: str, host: str, now: float) -> None:
        """Note a wrong proof: perhaps a pause begins."""
        source, user = source_of(host), user[:MAX_USER]
        pauses_s = [self._users.wrong((source, user), now)]
        count = self._users.count((source, user))
        if count <= USERS_SHARE:
            pauses_s.append(self._sources.wrong(source, now))
        lasts_s = max(pauses_s)
        if lasts_s > 0:
            whole = self._sources.locked(source, now)
            self.incidents.note("locked", source, now, lambda _: SourceLockedOut(source, whole, count, lasts_s))
        told = self.incidents.note("guess", source, now, lambda times: WrongPasswords(source, times))
        if told:
            _log.warning("wrong SIP password from %s, %d times", source, told)

    def proved_right(self, user: str, host: str) -> None:
        """A right proof takes back what the same user got wrong before, nothing else: who has one account must not
        clear himself for guesses at others.
        """
        source, user = source_of(host), user[:MAX_USER]
        wrong = self._users.count((source, user))
        self._users.forgive((source, user), wrong)
        self._sources.forgive(source, min(wrong, USERS_SHARE))

    def lockouts(self, now: float) -> list[LockedOut]:
        """Who is in a pause, those that last longest first."""
        found = [LockedOut(one.key, "", one.wrong, one.since, one.until) for one in self._sources.pauses(now)]
        found += [LockedOut(*one.key, one.wrong, one.since, one.until) for one in self._users.pauses(now)]
        return sorted(found, key=lambda one: -one.until)

    def lift(self, source: str, by: str, now: float) -> int:
        """``by`` ends all pauses of a source, and what led to them is forgotten; the number of them, 0 for none."""
        pauses = [one for one in self.lockouts(now) if one.source == source]
        for one in pauses:
            if one.user:
                self._users.lift((one.source, one.user))
            else:
                self._sources.lift(one.source)
        if pauses:
            self.incidents.post(LockLifted(source, len(pauses), by))
            _log.info("%d pauses of %s were ended by %s", len(pauses), source, by)
        return len(pauses)


def _within(host: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)
