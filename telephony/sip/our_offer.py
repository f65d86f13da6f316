"""Our offer in mid call: kept while the way is not free, sent by UPDATE or re-INVITE, and sent once more after a glare
(RFC 3261 §14.1, RFC 3311 §5.1).

It goes by UPDATE where the peer takes that, for none of ours needs its user's word: hold, resume, another place or
codec for the audio that there is. UPDATE needs no ACK, and may go before the call is answered.
"""

from collections.abc import Callable

from telephony.sip.agent import UserAgent
from telephony.sip.capabilities import ALLOW, less
from telephony.sip.dialog import Dialog
from telephony.sip.exchange import Exchange, ExchangeUser, Keyring, ask_within
from telephony.sip.glare import Glare
from telephony.sip.gone import nothing
from telephony.sip.hop import Packet
from telephony.sip.message import Response
from telephony.sip.session_timer import Fields


class OurOffer:
    """At most one. ``began_call``: whether we made the Call-ID; ``on_free`` is called when the time after a glare is
    over.
    """

    def __init__(
        self,
        agent: UserAgent,
        dialog: Dialog,
        keyring: Keyring,
        user: str,
        on_free: Callable[[float], None],
        *,
        began_call: bool,
    ) -> None:
        self._agent = agent
        self._dialog = dialog
        self._keyring = keyring
        self._user = user
        self._on_free = on_free
        self._glare = Glare(agent.chance, began_call=began_call)
        self._refused_update = False
        self._kept: bytes | None = None
        self._sent = b""
        self._waiting = False
        self._acks: dict[int, Packet] = {}

    def want(self, sdp: bytes) -> None:
        """Another offer is to be made; it takes the place of one that still waits."""
        self._glare.forget()
        self._kept = sdp

    @property
    def due(self) -> bool:
        """Whether one waits that may go, as far as it depends on us."""
        return self._kept is not None and not self._waiting

    @property
    def by_update(self) -> bool:
        """Whether the peer takes offers by UPDATE, as far as it is known."""
        return self._dialog.updates and not self._refused_update

    def send(self, method: str, answers: ExchangeUser, timed: Fields, now: float) -> None:
        """What is kept goes out, or what went out last once more; ``Unavailable`` where it cannot."""
        sdp, self._kept = self._kept or self._sent, None
        self._sent = sdp
        dialog = self._dialog
        contact = str(self._agent.contact(self._user, dialog.destination().transport, sips=dialog.sips))
        headers = [("Contact", contact), ALLOW, *less(self._agent.supported, dialog.refused), *timed]
        request = self._agent.in_dialog(dialog, method, dialog.next_cseq(), headers, sdp, "application/sdp")
        ask_within(dialog, self._agent, request, answers, self._keyring, now)

    def keep(self) -> None:
        """It goes when the way is free, unless a newer one does."""
        self._kept = self._kept or self._sent

    def wait(self, now: float) -> None:
        """§14.1: it goes after a time by chance."""
        self.keep()
        self._waiting = True
        self._agent.timers.set((self, "glare"), now + self._glare.wait_s())

    def crossed(self, response: Response) -> bool:
        """Whether ``response`` says that an offer of the peer's is open, and ours may come once more."""
        return self._glare.is_in(response)

    def without_update(self) -> None:
        """The peer takes no offers by UPDATE after all."""
        self._refused_update = True

    def acknowledge(self, exchange: Exchange, response: Response) -> bool:
        """ACK a 2xx to our re-INVITE; False where it is a repeat, whose ACK was lost."""
        number = response.cseq.number
        known = self._acks.get(number)
        if known is not None:
            self._agent.layer.send(known)
            return False
        self._dialog.refresh(response)  # before the ACK, which goes to the new target
        proofs = [(name, value) for name, value in exchange.request.headers if name.endswith("Authorization")]
        self._acks = {number: self._agent.send_ack(self._dialog, number, None, proofs)}
        return True

    def stop(self) -> None:
        """The session is over: nothing goes any more."""
        self._kept = None
        self._agent.timers.cancel((self, "glare"))

    def release(self) -> None:
        """The session has ended; after ``stop``."""
        self._on_free = nothing

    def on_timer(self, name: str, now: float) -> None:
        """See ``TimerUser``."""
        self._waiting = False
        self._on_free(now)
