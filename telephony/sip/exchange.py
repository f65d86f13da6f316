"""One request of ours up to its final answer, through the peer's challenges (RFC 3261 §22.2, RFC 7616, RFC 8760).

A challenge is met once; a second one only where it says that just the nonce was stale. What a challenge taught is kept
for the later requests of the same session (``nc`` counts on).
"""

import logging
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from core.errors import Unavailable
from telephony.sip.agent import UserAgent
from telephony.sip.credentials import Credentials
from telephony.sip.dialog import Dialog
from telephony.sip.digest import STRENGTH, Challenge, authorize, choose_challenge, described
from telephony.sip.hop import Hop
from telephony.sip.message import Request, Response
from telephony.sip.transactions import NOBODY, ClientTransaction, Failure, cancel_of

_log: Final = logging.getLogger("line400.sip")
_ASKS: Final = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


class Keyring:
    """Our credentials towards one peer, with the challenges that it has made so far (one for 401, one for 407)."""

    __slots__ = ("_challenges", "_counts", "_credentials", "_token")

    def __init__(self, credentials: Credentials | None, token: Callable[[], str]) -> None:
        self._credentials = credentials
        self._token = token
        self._challenges: dict[int, Challenge] = {}
        self._counts: dict[int, int] = {}

    def learn(self, response: Response) -> Challenge | None:
        """Take the challenge of a 401 or 407; None where we cannot meet it."""
        if self._credentials is None or response.status not in _ASKS:
            return None
        values = response.headers.get_all(_ASKS[response.status][0])
        challenge = choose_challenge(values, self._credentials.realm)
        if challenge is not None:
            self._challenges[response.status] = challenge
            self._counts[response.status] = 0
        return challenge

    def unmet(self, response: Response) -> str:
        """Why ``learn`` knew no answer to a challenge, in words; "" where we have no password that it could be for."""
        if self._credentials is None:
            return ""
        realm = f" for realm {self._credentials.realm!r} only" if self._credentials.realm else ""
        asked = described(response.headers.get_all(_ASKS[response.status][0]))
        return f"asked for {asked}; we know {', '.join(STRENGTH)}{realm}"

    def proofs(self, method: str, uri: str) -> list[tuple[str, str]]:
        """Authorization headers for a request, by the challenges known."""
        if self._credentials is None:
            return []
        made = []
        for status, challenge in self._challenges.items():
            self._counts[status] += 1
            value = authorize(
                challenge,
                method,
                uri,
                self._credentials.user,
                self._credentials.password,
                cnonce=self._token(),
                nc=self._counts[status],
            )
            made.append((_ASKS[status][1], value))
        return made

    def sign(self, request: Request) -> None:
        """Put fresh proofs into ``request`` in place of older ones."""
        for _, header in _ASKS.values():
            request.headers.remove(header)
        for name, value in self.proofs(request.method, str(request.uri)):
            request.headers.add(name, value)


class ExchangeUser(Protocol):
    """Who asked."""

    def on_answer(self, exchange: "Exchange", response: Response, now: float) -> None:
        """Take a provisional response above 100, or a final one (2xx to INVITE: every copy)."""
        ...

    def on_silence(self, exchange: "Exchange", failure: Failure, now: float) -> None:
        """Take note that no final response will come."""
        ...


class Exchange:
    """``request`` (without Via) goes to ``destination`` at once; ``request`` is always the one sent last."""

    __slots__ = (
        "_agent", "_cseq", "_destination", "_flow", "_hop", "_keyring", "_stale_tried", "_tried", "_user", "given_up",
        "provisional", "request", "transaction",
    )  # fmt: skip

    def __init__(
        self,
        agent: UserAgent,
        request: Request,
        destination: Hop,
        user: ExchangeUser,
        keyring: Keyring,
        next_cseq: Callable[[], int],
        now: float,
        flow: Hop | None = None,
    ) -> None:
        self._agent = agent
        self._destination = destination
        self._flow = flow
        self._user = user
        self._keyring = keyring
        self._cseq = next_cseq
        self._tried: set[int] = set()
        self._stale_tried = False
        self.given_up = False
        self.provisional = False
        keyring.sign(request)
        self.request = request
        self._hop = agent.way(request, destination, now)
        self.transaction: ClientTransaction = agent.send(request, self._hop, self, now, flow)

    def cancel(self, now: float, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Send CANCEL for the INVITE in progress (§9.1), which must have had a provisional response."""
        self.given_up = True
        transaction = self.transaction
        request = cancel_of(self.request)
        for name, value in headers:
            request.headers.add(name, value)
        self._agent.layer.send_request(request, self._hop, NOBODY, now, self._flow)  # the INVITE's own answer tells
        self._agent.layer.give_up_after_cancel(transaction, now)

    def on_response(self, response: Response, now: float) -> None:
        """See ``ClientUser``."""
        if response.status < 200:
            self.provisional = True
            self._user.on_answer(self, response, now)
        elif response.status in _ASKS and not self.given_up and self._retry(response, now):
            return
        else:
            self._user.on_answer(self, response, now)

    def on_failure(self, failure: Failure, now: float) -> None:
        """See ``ClientUser``."""
        if failure is not Failure.UNREACHABLE or not self._narrowed(now):
            self._user.on_silence(self, failure, now)

    def _narrowed(self, now: float) -> bool:
        """§18.1.1: by UDP after all, where a wide request went by TCP and nobody took it."""
        if self._hop == self._destination:
            return False
        self._agent.wide.refused(self._destination, now)
        return not (self.provisional or self.given_up) and self._send_again(self._copy(), now)

    def _copy(self) -> Request:
        """The request sent last, without Via."""
        again = Request(self.request.method, self.request.uri, self.request.headers.copy(), self.request.body)
        again.headers.remove("Via")
        return again

    def _send_again(self, again: Request, now: float) -> bool:
        hop = self._agent.way(again, self._destination, now)
        try:
            self.transaction = self._agent.send(again, hop, self, now, self._flow)
        except Unavailable:
            return False
        self._hop = hop
        self.request = again
        self.provisional = False
        return True

    def _complain(self, response: Response) -> None:
        """Say in the log, once, that a challenge cannot be met."""
        unmet = self._keyring.unmet(response)
        known = (self._destination.host, unmet)
        if unmet and self._agent.unmet.get(known) is None:
            self._agent.unmet.put(known, True)
            _log.warning("no password will do for the %d of %s: %s", response.status, self._destination.host, unmet)

    def _retry(self, response: Response, now: float) -> bool:
        challenge = self._keyring.learn(response)
        if challenge is None:
            self._complain(response)
            return False
        if response.status in self._tried:
            if not challenge.stale or self._stale_tried:
                return False
            self._stale_tried = True
        self._tried.add(response.status)
        again = self._copy()
        again.headers.set("CSeq", f"{self._cseq()} {again.method}")
        self._keyring.sign(again)
        return self._send_again(again, now)


def ask_within(
    dialog: Dialog, agent: UserAgent, request: Request, user: ExchangeUser, keyring: Keyring, now: float
) -> Exchange:
    """Send a request of ours (``UserAgent.in_dialog``) within ``dialog``, by the way that the dialog goes."""
    return Exchange(agent, request, dialog.destination(), user, keyring, dialog.next_cseq, now, dialog.flow)


class _Unheeded:
    """Asks without heeding the answer."""

    __slots__ = ()

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``."""

    def on_silence(self, exchange: Exchange, failure: Failure, now: float) -> None:
        """See ``ExchangeUser``."""


UNHEEDED: Final = _Unheeded()
