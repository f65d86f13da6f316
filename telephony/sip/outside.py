"""Requests outside of any dialog: the peers' that are handed up, and our own (REGISTER, OPTIONS)."""

from collections.abc import Iterable

from core.errors import Unavailable
from telephony.sip.agent import UserAgent
from telephony.sip.events import Requested, Responded
from telephony.sip.exchange import Exchange, Keyring
from telephony.sip.hop import Hop
from telephony.sip.message import Request, Response
from telephony.sip.transactions import Failure, ServerTransaction


class OutOfDialog:
    """Keeps who waits for what, bounded both ways."""

    def __init__(self, agent: UserAgent) -> None:
        self._agent = agent
        self._theirs: dict[str, ServerTransaction] = {}
        self._ours = 0

    def take(self, transaction: ServerTransaction, now: float) -> None:
        """Hand a peer's request up."""
        if len(self._theirs) >= self._agent.settings.max_requests:
            self._agent.reply(transaction, now, 503)
            return
        key = self._agent.token()
        self._theirs[key] = transaction
        # The transaction itself is forgotten after the same time.
        self._agent.timers.set((_Forget(self, key), "forget"), now + self._agent.settings.timers.life)
        self._agent.emit(Requested(key, transaction.request, transaction.source))

    def answer(
        self, key: str, now: float, status: int, headers: Iterable[tuple[str, str]], body: bytes, reason: str
    ) -> None:
        """Answer it; only a final answer ends the waiting."""
        transaction = self._theirs.get(key)
        if transaction is None:
            return
        self._agent.reply(transaction, now, status, headers, body, reason)
        if status >= 200:
            self.forget(key)

    def forget(self, key: str) -> None:
        """Nobody waits for it any more."""
        self._theirs.pop(key, None)
        self._agent.timers.cancel((_Forget(self, key), "forget"))

    def ask(self, request: Request, target: Hop, keyring: Keyring, now: float) -> str:
        """Send a request of ours (without Via); the key that ``Responded`` will name."""
        if self._ours >= self._agent.settings.max_requests:
            raise Unavailable("too many SIP requests wait for an answer")
        asking = _Asking(self, self._agent.token(), request.cseq.number)
        Exchange(self._agent, request, target, asking, keyring, asking.next_cseq, now)
        self._ours += 1
        return asking.key

    def done(self, key: str, status: int, response: Response | None) -> None:
        """One of ours has its final answer."""
        self._ours -= 1
        self._agent.emit(Responded(key, status, response))


class _Forget:
    """Names a waiting request at the timer heap."""

    __slots__ = ("_key", "_list")

    def __init__(self, waiting: OutOfDialog, key: str) -> None:
        self._list = waiting
        self._key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Forget) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)

    def on_timer(self, name: str, now: float) -> None:
        """See ``TimerUser``."""
        self._list.forget(self._key)


class _Asking:
    """One request of ours."""

    __slots__ = ("_cseq", "_list", "key")

    def __init__(self, waiting: OutOfDialog, key: str, cseq: int) -> None:
        self._list = waiting
        self._cseq = cseq
        self.key = key

    def next_cseq(self) -> int:
        """For the request with credentials."""
        self._cseq += 1
        return self._cseq

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``."""
        if response.status >= 200:
            self._list.done(self.key, response.status, response)

    def on_silence(self, exchange: Exchange, failure: Failure, now: float) -> None:
        """See ``ExchangeUser``."""
        self._list.done(self.key, 408 if failure is Failure.TIMED_OUT else 503, None)
