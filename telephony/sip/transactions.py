"""The transaction layer, RFC 3261 §17 with RFC 6026: matches messages to transactions and runs their tables.

What a transaction means is the business of its user; this layer repeats, absorbs repeats, acknowledges refusals and
tells when nobody answers. It is bounded: beyond ``max_transactions`` a new request of a peer is not taken.
"""

from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Final, Protocol, TypeAlias

from core.errors import Unavailable
from telephony.sip.client_tables import CLIENT, CLIENT_START, INVITE_CLIENT, INVITE_CLIENT_START
from telephony.sip.counters import Mishap
from telephony.sip.hop import Hop, Packet
from telephony.sip.message import Request, Response
from telephony.sip.server_tables import INVITE_SERVER, INVITE_SERVER_START, SERVER, SERVER_START
from telephony.sip.timers import TimerHeap, TimerValues
from telephony.sip.trace import Tracer
from telephony.sip.transaction_state import TIMER_INPUT, Action, Input, State, Step, Table, Timer

ServerKey: TypeAlias = tuple[str, ...]
ClientKey: TypeAlias = tuple[str, str]
MergeKey: TypeAlias = tuple[str, str, int, str]

_STARTS: Final = {action: Timer[action.name.removeprefix("START_")] for action in Action if "START_" in action.name}
_REPEATS: Final = {Action.REPEAT_A: Timer.A, Action.REPEAT_E: Timer.E, Action.REPEAT_G: Timer.G}


class Failure(Enum):
    """Why a client transaction ended without a final response."""

    TIMED_OUT = auto()
    UNREACHABLE = auto()


class ClientUser(Protocol):
    """Who sent a request: hears its responses."""

    def on_response(self, response: Response, now: float) -> None:
        """Take a response that is no repeat (2xx to INVITE: every copy, from every fork)."""
        ...

    def on_failure(self, failure: Failure, now: float) -> None:
        """Take note that no final response will come."""
        ...


class _Nobody:
    """Whom no answer matters to."""

    __slots__ = ()

    def on_response(self, response: Response, now: float) -> None:
        """Drop it."""

    def on_failure(self, failure: Failure, now: float) -> None:
        """Drop it."""


NOBODY: Final = _Nobody()


class Transaction:
    """What all four have in common: a state in a table, running timers, and what is sent again."""

    __slots__ = ("data", "destination", "flow", "interval", "request", "running", "state", "table")

    def __init__(self, request: Request, destination: Hop, flow: Hop | None, table: Table, state: State) -> None:
        self.request = request
        self.destination = destination
        self.flow = flow
        self.table = table
        self.state = state
        self.data = b""
        self.interval = 0.0
        self.running: set[Timer] = set()


class ClientTransaction(Transaction):
    """A request of ours."""

    __slots__ = ("key", "user")

    def __init__(self, key: ClientKey, request: Request, destination: Hop, flow: Hop | None, user: ClientUser) -> None:
        invite = request.method == "INVITE"
        start = INVITE_CLIENT_START if invite else CLIENT_START
        super().__init__(request, destination, flow, INVITE_CLIENT if invite else CLIENT, start[0])
        self.key = key
        self.user = user


class ServerTransaction(Transaction):
    """A request of a peer's; ``source`` is where it really came from, ``tag`` our To tag in every response."""

    __slots__ = ("key", "merge_key", "source", "tag")

    def __init__(self, key: ServerKey, request: Request, source: Hop, reply: Packet, tag: str) -> None:
        invite = request.method == "INVITE"
        start = INVITE_SERVER_START if invite else SERVER_START
        table = INVITE_SERVER if invite else SERVER
        super().__init__(request, reply.destination, reply.flow, table, start[0])
        self.key = key
        self.source = source
        self.tag = tag
        self.merge_key: MergeKey | None = None

    @property
    def answered(self) -> bool:
        """Whether a final response has been given."""
        return self.state not in (State.TRYING, State.PROCEEDING)


class TransactionLayer:
    """All transactions of one endpoint; packets to send go to ``outgoing``."""

    def __init__(self, timers: TimerValues, limit: int, tracer: Tracer) -> None:
        self._tracer = tracer
        self.outgoing: deque[Packet] = deque()
        self._values = timers
        self._limit = limit
        self._clients: dict[ClientKey, ClientTransaction] = {}
        self._servers: dict[ServerKey, ServerTransaction] = {}
        self._merged: dict[MergeKey, ServerTransaction] = {}
        self._timers: TimerHeap[tuple[Transaction, Timer]] = TimerHeap()
        self._durations: Final = {
            Timer.A: timers.t1, Timer.B: timers.life, Timer.D: timers.d, Timer.E: timers.t1, Timer.F: timers.life,
            Timer.G: timers.t1, Timer.H: timers.life, Timer.I: timers.t4, Timer.J: timers.life, Timer.K: timers.t4,
            Timer.L: timers.life, Timer.M: timers.life, Timer.CANCELLED: timers.life, Timer.UNANSWERED: timers.life,
        }  # fmt: skip

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)

    @property
    def full(self) -> bool:
        """Whether no more transactions are taken."""
        return len(self) >= self._limit

    # Requests of ours

    def send_request(
        self, request: Request, destination: Hop, user: ClientUser, now: float, flow: Hop | None = None
    ) -> ClientTransaction:
        """Begin a client transaction; the request's top Via must carry a fresh branch. ``Unavailable`` when full."""
        if self.full:
            raise Unavailable("too many SIP transactions are open; calls come faster than they end")
        key = (request.top_via.branch, request.method)
        transaction = ClientTransaction(key, request, destination, flow, user)
        transaction.data = request.to_bytes()
        self._clients[key] = transaction
        start = INVITE_CLIENT_START if request.method == "INVITE" else CLIENT_START
        self._act(transaction, start, now, None)
        return transaction

    def give_up_after_cancel(self, transaction: ClientTransaction, now: float) -> None:
        """§9.1: when no final response has come 64·T1 after CANCEL, the INVITE transaction ends."""
        if transaction.state in (State.CALLING, State.PROCEEDING):
            self._start(transaction, Timer.CANCELLED, now)

    def receive_response(self, response: Response, now: float) -> bool:
        """Hand a response to its transaction; False where it has none (late or stray: to be dropped, RFC 6026 §8.9)."""
        transaction = self._clients.get((response.top_via.branch, response.cseq.method))
        if transaction is None:
            return False
        if response.status < 200:
            happening = Input.PROVISIONAL
        else:
            happening = Input.SUCCESS if response.status < 300 else Input.FAILURE
        self._step(transaction, happening, now, response)
        return True

    def unreachable(self, destination: Hop, now: float) -> None:
        """Tell all transactions towards ``destination`` that it cannot be reached."""
        hit = [one for one in self._clients.values() if one.destination == destination]
        hit_servers = [one for one in self._servers.values() if one.destination == destination]
        for transaction in (*hit, *hit_servers):
            if transaction.state is not State.TERMINATED:
                self._step(transaction, Input.UNREACHABLE, now, None)

    # Requests of peers

    def find_server(self, key: ServerKey) -> ServerTransaction | None:
        """The transaction of that key."""
        return self._servers.get(key)

    def absorb(self, transaction: ServerTransaction, request: Request, now: float) -> None:
        """Take a repeat of the request, or the ACK to its final response."""
        self._step(transaction, Input.ACK if request.method == "ACK" else Input.REQUEST, now, None)

    def is_merged(self, merge_key: MergeKey) -> bool:
        """§8.2.2.2: whether the same request is being served already, having come another way."""
        first = self._merged.get(merge_key)
        return first is not None and first.state not in (State.COMPLETED, State.CONFIRMED)

    def open_server(self, transaction: ServerTransaction, merge_key: MergeKey | None, now: float) -> None:
        """Begin a server transaction; the caller has made sure that there is room."""
        self._servers[transaction.key] = transaction
        if merge_key is not None and merge_key not in self._merged:
            self._merged[merge_key] = transaction
            transaction.merge_key = merge_key
        if transaction.request.method != "INVITE":
            self._act(transaction, SERVER_START, now, None)

    def respond(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Send a response in the transaction; one that comes too late (it has ended) is dropped."""
        if response.status < 200:
            happening = Input.TU_PROVISIONAL
        else:
            happening = Input.TU_SUCCESS if response.status < 300 else Input.TU_FAILURE
        if (transaction.state, happening) not in transaction.table:
            return
        transaction.data = response.to_bytes()
        self._step(transaction, happening, now, None)

    def repeat(self, transaction: ServerTransaction, now: float) -> None:
        """Send the 2xx to an INVITE once more, also after the transaction has ended."""
        self._tracer.counters.mishap(Mishap.REPEATED)
        if transaction.state is State.ACCEPTED:
            self._step(transaction, Input.TU_SUCCESS, now, None)
        else:
            self.send(Packet(transaction.data, transaction.destination, transaction.flow))

    # Time and wire

    def send(self, packet: Packet) -> None:
        """Send outside of any transaction (ACK to 2xx, stateless responses)."""
        self._tracer.note(packet.data, packet.destination, received=False)
        self.outgoing.append(packet)

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` is due."""
        return self._timers.next()

    def on_deadline(self, now: float) -> None:
        """Run all timers that are due."""
        while (due := self._timers.pop_due(now)) is not None:
            transaction, timer = due
            transaction.running.discard(timer)
            self._step(transaction, TIMER_INPUT[timer], now, None)

    # The machine

    def _step(self, transaction: Transaction, happening: Input, now: float, response: Response | None) -> None:
        step = transaction.table[transaction.state, happening]
        self._act(transaction, step, now, response)

    def _act(self, transaction: Transaction, step: Step, now: float, response: Response | None) -> None:
        transaction.state, actions = step
        if transaction.state is State.TERMINATED:
            self._forget(transaction)
        for action in actions:
            do = _DO.get(action)
            if do is not None:
                do(self, transaction, now, response)
            elif (timer := _STARTS.get(action)) is not None:
                self._start(transaction, timer, now)
            else:
                self._repeat(transaction, _REPEATS[action], now)
        if transaction.state is State.TERMINATED and isinstance(transaction, ClientTransaction):
            transaction.user = NOBODY  # who knows its transaction is not kept by it

    def _send_again(self, transaction: Transaction, now: float, response: Response | None) -> None:
        if transaction.data:  # a server transaction may not have answered yet
            self.send(Packet(transaction.data, transaction.destination, transaction.flow))

    def _pass(self, transaction: Transaction, now: float, response: Response | None) -> None:
        if isinstance(transaction, ClientTransaction) and response is not None:
            transaction.user.on_response(response, now)

    def _acknowledge(self, transaction: Transaction, now: float, response: Response | None) -> None:
        if isinstance(transaction, ClientTransaction) and response is not None:
            data = refusal_ack(transaction.request, response).to_bytes()
            self.send(Packet(data, transaction.destination, transaction.flow))

    def _timed_out(self, transaction: Transaction, now: float, response: Response | None) -> None:
        if isinstance(transaction, ClientTransaction):
            self._tracer.counters.mishap(Mishap.TIMED_OUT)
            transaction.user.on_failure(Failure.TIMED_OUT, now)

    def _failed(self, transaction: Transaction, now: float, response: Response | None) -> None:
        if isinstance(transaction, ClientTransaction):
            transaction.user.on_failure(Failure.UNREACHABLE, now)

    def _stop_all(self, transaction: Transaction, now: float, response: Response | None) -> None:
        self._stop(transaction)

    def _start(self, transaction: Transaction, timer: Timer, now: float) -> None:
        reliable = transaction.destination.reliable
        if reliable and timer in (Timer.A, Timer.E, Timer.G):
            return
        after = 0.0 if reliable and timer in (Timer.D, Timer.I, Timer.J, Timer.K) else self._durations[timer]
        if timer in (Timer.A, Timer.E, Timer.G):
            transaction.interval = after
        transaction.running.add(timer)
        self._timers.set((transaction, timer), now + after)

    def _repeat(self, transaction: Transaction, timer: Timer, now: float) -> None:
        self._tracer.counters.mishap(Mishap.REPEATED)
        interval = transaction.interval * 2
        if timer is not Timer.A:
            interval = min(interval, self._values.t2)
        if timer is Timer.E and transaction.state is State.PROCEEDING:
            interval = self._values.t2
        transaction.interval = interval
        transaction.running.add(timer)
        self._timers.set((transaction, timer), now + interval)

    def _stop(self, transaction: Transaction) -> None:
        if transaction.running:
            for timer in transaction.running:
                self._timers.cancel((transaction, timer))
            transaction.running.clear()

    def _forget(self, transaction: Transaction) -> None:
        self._stop(transaction)
        if isinstance(transaction, ClientTransaction):
            self._clients.pop(transaction.key, None)
        elif isinstance(transaction, ServerTransaction):
            self._servers.pop(transaction.key, None)
            if transaction.merge_key is not None:
                self._merged.pop(transaction.merge_key, None)


_DO: Final[dict[Action, Callable[[TransactionLayer, Transaction, float, Response | None], None]]] = {
    Action.SEND: TransactionLayer._send_again,
    Action.PASS: TransactionLayer._pass,
    Action.ACK: TransactionLayer._acknowledge,
    Action.TIMED_OUT: TransactionLayer._timed_out,
    Action.FAILED: TransactionLayer._failed,
    Action.STOP_REPEATS: TransactionLayer._stop_all,
}


def refusal_ack(request: Request, response: Response) -> Request:
    """The ACK to a final response of 300 to 699, within the INVITE's transaction (§17.1.1.3)."""
    headers = request.headers.copy("Via", "From", "Call-ID", "Route", "Max-Forwards")
    headers.add("To", response.headers.get("To") or request.headers.get("To") or "")
    headers.add("CSeq", f"{request.cseq.number} ACK")
    return Request("ACK", request.uri, headers)


def cancel_of(request: Request) -> Request:
    """The CANCEL of an INVITE of ours (§9.1)."""
    headers = request.headers.copy("Via", "From", "To", "Call-ID", "Route", "Max-Forwards")
    headers.add("CSeq", f"{request.cseq.number} CANCEL")
    return Request("CANCEL", request.uri, headers)
