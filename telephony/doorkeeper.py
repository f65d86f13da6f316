"""Who may come in: a request from outside is matched to a trunk by its source or proves itself as one of our phones.

Pure: requests and time in, verdicts out. It never says whether a user exists: wrong user and wrong password get the
same challenge.
"""

import logging
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.errors import ParseError
from core.numbers import normalise
from telephony.registrar import Registrar
from telephony.sip.digest import DigestServer, Verdict
from telephony.sip.hop import Hop
from telephony.sip.identity import Diversion
from telephony.sip.message import Request
from telephony.sip.replies import METHODS
from telephony.sip.strangers import Strangers
from telephony.trunk import TrunkBook
from telephony.trunk_identity import caller_of

_log: Final = logging.getLogger("line400.sip")
Fields: TypeAlias = tuple[tuple[str, str], ...]
ALLOWED: Final = ", ".join(sorted(METHODS))


@dataclass(frozen=True, slots=True)
class Admitted:
    """The call may come in, by ``trunk`` or from the phone of ``agent`` (the other is "")."""

    ani: str
    dnis: str
    trunk: str = ""
    agent: str = ""
    diversions: tuple[Diversion, ...] = ()
    """Whom a trunk that is trusted says the call was sent on from, the latest first."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The call may not come in (yet): answer with ``status`` and ``headers``."""

    status: int
    headers: Fields = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say to a request outside of any call."""

    status: int
    headers: Fields = ()


class Doorkeeper:
    """Judges INVITE, REGISTER and OPTIONS. ``passwords`` maps ids of agents with registering phones to passwords.

    ``strangers`` says how much sources may ask that are no trunk and have no registered phone. Sources are told apart
    by address, so phones behind one NAT stand and fall together.
    """

    def __init__(
        self,
        trunks: TrunkBook,
        registrar: Registrar,
        digest: DigestServer,
        passwords: dict[str, str],
        strangers: Strangers | None = None,
    ) -> None:
        self._trunks = trunks
        self._registrar = registrar
        self._digest = digest
        self._passwords = passwords
        self.strangers = strangers or Strangers()
        registrar.on_verdict = self._noted

    def lets_in(self, source: Hop, now: float) -> bool:
        """Whether a request from ``source`` outside of any call is looked at; if not, it is dropped without a word."""
        if self._trunks.of_source(source) is not None or self._registrar.knows(source.host, now):
            return True
        return self.strangers.lets_in(source.host, now)

    def admit(self, request: Request, source: Hop, now: float) -> Admitted | Refusal:
        """May the INVITE come in? ``ParseError`` where From or Request-URI cannot be read."""
        dnis = request.uri.user
        trunk = self._trunks.of_source(source)
        if trunk is not None:
            if trunk.register and dnis == trunk.user:
                # The carrier calls the contact that we registered; which number was called, only To says.
                dnis = request.to.uri.user or dnis
            caller = caller_of(request, trunk.identity)
            number, dnis = _one_form(caller.number), trunk.called(dnis)
            return Admitted(number, dnis, trunk=trunk.name, diversions=caller.diversions)
        claims = request.headers.get_all("Authorization")
        verdict = self._digest.verify(claims, request.method, request.uri, self._passwords.get, now)
        self._noted(verdict, source, now)
        if verdict is Verdict.OK:
            agent = self._digest.user_of(claims)
            return Admitted(agent, dnis, agent=agent)
        return Refusal(401, self.challenge(now, stale=verdict is Verdict.STALE))

    def answer(self, request: Request, source: Hop, now: float) -> Answer:
        """Reply to REGISTER (the registrar's matter) and OPTIONS (we live)."""
        if request.method == "REGISTER":
            reply = self._registrar.handle(request, source, now)
            return Answer(reply.status, tuple(reply.headers))
        return Answer(200, (("Allow", ALLOWED), ("Accept", "application/sdp")))

    def challenge(self, now: float, *, stale: bool = False) -> Fields:
        """The WWW-Authenticate headers of a 401."""
        return tuple(("WWW-Authenticate", value) for value in self._digest.challenges(now, stale=stale))

    def _noted(self, verdict: Verdict, source: Hop, now: float) -> None:
        """Wrong proofs are counted by source and reported once a minute, in words that fail2ban can be taught."""
        if verdict is Verdict.OK:
            self.strangers.proved_right(source.host)
        elif verdict in (Verdict.WRONG, Verdict.UNKNOWN_USER):
            count = self.strangers.guessed_wrong(source.host, now)
            if count:
                _log.warning("wrong SIP password from %s, %d times", source.host, count)


def _one_form(ani: str) -> str:
    """A caller's number in the house's one form, so that he is known again however the carrier writes it; what is no
    number (anonymous) stays as it came.
    """
    try:
        return normalise(ani)
    except ParseError:
        return ani
