"""The REFERs of one session and the NOTIFYs that tell how they go (RFC 3515, RFC 4488, RFC 6665 §4.2).

One subscription for each REFER, in the dialog that it came in; ``id`` in Event is its CSeq. Of several outcomes that
become true while a NOTIFY waits for its answer, only the newest is told. The session's end ends them without a word:
who has hung up does not ask any more.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from core.errors import ParseError, Unavailable
from telephony.sip.agent import UserAgent
from telephony.sip.dialog import Dialog
from telephony.sip.events import Referred, SipEvent
from telephony.sip.exchange import Exchange, Keyring, ask_within
from telephony.sip.gone import GONE
from telephony.sip.message import Response
from telephony.sip.refer import SIPFRAG, fragment, refer_to_of, wants_no_subscription
from telephony.sip.transactions import Failure, ServerTransaction
from telephony.sip.uri import OtherUri

MAX_REFERRALS: Final = 4
"""Of one session, at a time."""
LIFE_S: Final = 180
"""What the subscription is said to last; its outcome comes sooner."""
THINKING_S: Final = 20.0
"""How long the rooms above may take to accept or refuse; a little less than the peer's timer F."""


class Owner(Protocol):
    """The session that this belongs to."""

    @property
    def id(self) -> str:
        """Its name in events."""
        ...

    @property
    def user(self) -> str:
        """The user part of our Contact."""
        ...

    def tell(self, event: SipEvent) -> None:
        """Tell the rooms above, unless they have hung up."""
        ...


@dataclass(slots=True)
class _Referral:
    """One REFER: ``waiting`` until it is answered; ``next`` is the outcome to be told after the NOTIFY that is out."""

    number: int
    dialog: Dialog
    waiting: ServerTransaction | None
    silent: bool
    busy: bool = False
    next: int = 0
    told_last: bool = False


class Referrals:
    """By key; a key that is not known any more is no error, as outcomes may come late."""

    def __init__(self, agent: UserAgent, owner: Owner, keyring: Keyring) -> None:
        self._agent = agent
        self._owner: Owner = owner
        self._keyring = keyring
        self._open: dict[str, _Referral] = {}

    def __len__(self) -> int:
        return len(self._open)

    def on_refer(self, transaction: ServerTransaction, dialog: Dialog, now: float) -> None:
        """Take a REFER; the rooms above decide."""
        request = transaction.request
        if len(self._open) >= MAX_REFERRALS:
            self._agent.reply(transaction, now, 503)
            return
        try:
            target = refer_to_of(request)
        except ParseError:
            self._agent.reply(transaction, now, 400)
            return
        if isinstance(target.uri, OtherUri) and target.uri.scheme != "tel":
            # RFC 3515 §2.4.2 leaves it to RFC 3261; §21.4.14 says it of a Request-URI, which this one would become
            self._agent.reply(transaction, now, 416)
            return
        key = self._agent.token()
        silent = wants_no_subscription(request)
        self._open[key] = _Referral(request.cseq.number, dialog, transaction, silent)
        self._agent.timers.set((self, key), now + THINKING_S)
        self._owner.tell(Referred(self._owner.id, key, target))

    def accept(self, key: str, now: float) -> None:
        """202, and 100 Trying by NOTIFY, unless the peer wants none (RFC 4488)."""
        referral = self._answer(key)
        if referral is None or referral.waiting is None:
            return
        transaction, referral.waiting = referral.waiting, None
        sips = referral.dialog.sips
        contact = str(self._agent.contact(self._owner.user, transaction.source.transport, sips=sips))
        headers = [("Contact", contact), *([("Refer-Sub", "false")] if referral.silent else [])]
        self._agent.reply(transaction, now, 202, headers)
        if referral.silent:
            del self._open[key]
        else:
            self.report(key, 100, now)

    def refuse(self, key: str, status: int, now: float) -> None:
        """A final answer of 300 to 699; nothing follows."""
        referral = self._answer(key)
        if referral is not None and referral.waiting is not None:
            self._agent.reply(referral.waiting, now, status)
            del self._open[key]

    def report(self, key: str, status: int, now: float) -> None:
        """Tell by NOTIFY how far it is; 200 and above is the outcome, after which nothing is told."""
        referral = self._open.get(key)
        if referral is None or referral.waiting is not None or referral.told_last:
            return
        if referral.busy:
            referral.next = max(referral.next, status)
            return
        self._notify(key, referral, status, now)

    def stop(self, now: float) -> None:
        """The session is over."""
        for key, referral in self._open.items():
            self._agent.timers.cancel((self, key))
            if referral.waiting is not None:
                self._agent.reply(referral.waiting, now, 481)
        self._open.clear()

    def release(self) -> None:
        """The session has ended; after ``stop``."""
        self._owner = GONE

    def on_timer(self, name: str, now: float) -> None:
        """See ``TimerUser``: nobody has decided."""
        self.refuse(name, 480, now)

    def notified(self, key: str, now: float, *, lost: bool) -> None:
        """The NOTIFY that was out is answered; ``lost``: the peer knows nothing of the subscription."""
        referral = self._open.get(key)
        if referral is None:
            return
        referral.busy = False
        if referral.told_last or lost:
            del self._open[key]
        elif referral.next:
            status, referral.next = referral.next, 0
            self._notify(key, referral, status, now)

    def _answer(self, key: str) -> _Referral | None:
        self._agent.timers.cancel((self, key))
        return self._open.get(key)

    def _notify(self, key: str, referral: _Referral, status: int, now: float) -> None:
        referral.busy = True
        referral.told_last = status >= 200
        state = "terminated;reason=noresource" if referral.told_last else f"active;expires={LIFE_S}"
        dialog = referral.dialog
        contact = str(self._agent.contact(self._owner.user, dialog.destination().transport, sips=dialog.sips))
        request = self._agent.in_dialog(
            dialog,
            "NOTIFY",
            dialog.next_cseq(),
            [("Contact", contact), ("Event", f"refer;id={referral.number}"), ("Subscription-State", state)],
            fragment(status),
            SIPFRAG,
        )
        try:
            ask_within(dialog, self._agent, request, _Notify(self, key), self._keyring, now)
        except Unavailable:
            del self._open[key]


class _Notify:
    """Hears the answer to one NOTIFY."""

    __slots__ = ("_key", "_referrals")

    def __init__(self, referrals: Referrals, key: str) -> None:
        self._referrals = referrals
        self._key = key

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``: whatever refuses it ends the subscription (RFC 6665 §4.2.2)."""
        if response.status >= 200:
            self._referrals.notified(self._key, now, lost=response.status >= 300)

    def on_silence(self, exchange: Exchange, failure: Failure, now: float) -> None:
        """See ``ExchangeUser``."""
        self._referrals.notified(self._key, now, lost=True)
