"""Who may come in: a request from outside is matched to a trunk by its source or proves itself as one of our phones.

Pure: requests and time in, verdicts out. It never says whether a user exists: wrong user and wrong password get the
same challenge.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.numbers import one_form
from telephony.defence import Defence
from telephony.registrar import Registrar
from telephony.sip.capabilities import ALLOW_ALL
from telephony.sip.digest_server import DigestServer, Verdict
from telephony.sip.guard import Answer, Fields
from telephony.sip.hop import Hop
from telephony.sip.identity import Diversion, called_number
from telephony.sip.message import Request
from telephony.sip.methods import KNOWN_METHODS
from telephony.sip.strangers import source_of
from telephony.trunk import TrunkBook
from telephony.trunk_identity import caller_of


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


OPTIONS_ANSWER: Final = Answer(200)
"""We live, whoever is named in the Request-URI: nobody learns who is there. What we can do the endpoint adds."""


class Doorkeeper:
    """Judges INVITE, REGISTER and OPTIONS. ``passwords`` maps ids of agents with registering phones to passwords;
    ``defence`` says what sources may.

    Who asks without having shown that he hears our answers, which a nonce of ours does, is answered by ``gate`` and at
    once forgotten: he costs no memory, and whoever's address he may have borrowed gets one small answer (RFC 3261
    §26.3.2.4).
    """

    def __init__(
        self,
        trunks: TrunkBook,
        registrar: Registrar,
        digest: DigestServer,
        passwords: Mapping[str, str],
        defence: Defence | None = None,
    ) -> None:
        self._trunks = trunks
        self._registrar = registrar
        self._digest = digest
        self._passwords = passwords
        self.defence = defence or Defence()
        registrar.on_verdict = self._noted

    @property
    def realm(self) -> str:
        """What phones prove themselves in."""
        return self._digest.realm

    def hears(self, source: Hop) -> bool:
        """Whether anything that ``source`` sends is read at all."""
        return not self.defence.is_blocked(source.host)

    def lets_in(self, source: Hop, now: float) -> bool:
        """Whether a request from ``source`` outside of any call is looked at; if not, it is dropped without a word."""
        familiar = self._trunks.of_source(source) is not None or self._registrar.knows(source.host, now)
        return self.defence.lets_in(source.host, now, familiar=familiar)

    def gate(self, request: Request, source: Hop, now: float) -> Answer | None:
        """What to say, once and without remembering, to a request outside of any dialog; None where it is to be served
        with all that belongs to it.
        """
        if request.method == "OPTIONS":
            return OPTIONS_ANSWER
        if self._trunks.of_source(source) is not None and request.method != "REGISTER":
            return None
        if request.method not in ("INVITE", "REGISTER"):
            status = 405 if request.method in KNOWN_METHODS else 501
            return Answer(status, (ALLOW_ALL,))
        if self._may_prove(request, source, now):
            return None
        claims = request.headers.get_all("Authorization")
        current = self._digest.is_current(claims, now, source_of(source.host))
        return Answer(401, self.challenge(source, now, stale=bool(self._digest.user_of(claims)) and not current))

    def admit(self, request: Request, source: Hop, now: float) -> Admitted | Refusal:
        """May the INVITE come in? ``ParseError`` where From or Request-URI cannot be read."""
        dnis, to = called_number(request.uri), called_number(request.to.uri)
        trunk = self._trunks.of_call(source, (dnis, to))
        if trunk is not None:
            if trunk.register and dnis == trunk.user:
                # The carrier calls the contact that we registered; which number was called, only To says.
                dnis = to or dnis
            caller = caller_of(request, trunk.identity)
            number, dnis = one_form(caller.number), trunk.called(dnis)
            return Admitted(number, dnis, trunk=trunk.name, diversions=caller.diversions)
        if not self._may_prove(request, source, now):
            return Refusal(401, self.challenge(source, now))
        claims = request.headers.get_all("Authorization")
        origin = source_of(source.host)
        verdict = self._digest.verify(claims, request.method, request.uri, self._passwords.get, now, origin)
        agent = self._digest.user_of(claims)
        self._noted(verdict, agent, source, now)
        if verdict is Verdict.OK:
            return Admitted(agent, request.uri.user, agent=agent)
        return Refusal(401, self.challenge(source, now, stale=verdict is Verdict.STALE))

    def answer(self, request: Request, source: Hop, now: float) -> Answer:
        """Reply to REGISTER (the registrar's matter) and OPTIONS (we live)."""
        if request.method != "REGISTER":
            return OPTIONS_ANSWER
        if not self._may_prove(request, source, now):
            return Answer(401, self.challenge(source, now))
        reply = self._registrar.handle(request, source, now)
        return Answer(reply.status, tuple(reply.headers), reply.reason)

    def challenge(self, source: Hop, now: float, *, stale: bool = False) -> Fields:
        """The WWW-Authenticate headers of a 401 to ``source``."""
        values = self._digest.challenges(now, source_of(source.host), stale=stale)
        return tuple(("WWW-Authenticate", value) for value in values)

    def _may_prove(self, request: Request, source: Hop, now: float) -> bool:
        """Whether the request holds a proof that is to be looked at: not in a pause, not from where its phone may not
        be, and under a nonce of ours.
        """
        claims = request.headers.get_all("Authorization")
        user = self._digest.user_of(claims)
        if not user or not self._digest.is_current(claims, now, source_of(source.host)):
            return False
        at_home = any(
            source_of(binding.hop.host) == source_of(source.host) for binding in self._registrar.contacts(user, now)
        )
        if not self.defence.may_prove(user, source.host, now, at_home=at_home):
            return False
        return self.defence.serves_phone(user, source.host, now)

    def _noted(self, verdict: Verdict, user: str, source: Hop, now: float) -> None:
        """Wrong proofs are counted, and told in words that fail2ban can be taught."""
        if verdict is Verdict.OK:
            self.defence.proved_right(user, source.host)
        elif verdict in (Verdict.WRONG, Verdict.UNKNOWN_USER):
            self.defence.proved_wrong(user, source.host, now)
