"""A dialog, RFC 3261 §12: who with whom (Call-ID and both tags), the route between them, and the order of requests."""

from dataclasses import dataclass
from enum import auto
from typing import Final, TypeAlias

from core.errors import ParseError
from core.symbols import Symbol
from telephony.sip.address import NameAddress
from telephony.sip.hop import Hop
from telephony.sip.message import Request, Response
from telephony.sip.routing import hop_of, request_line, seems_natted
from telephony.sip.uri import SipUri, Uri

DialogKey: TypeAlias = tuple[str, str, str]
"""Call-ID, our tag, the peer's tag."""

MAX_CSEQ: Final = 2**31 - 1


class Phase(Symbol):
    """§12: early by a provisional response with a tag, confirmed by 2xx."""

    EARLY = auto()
    CONFIRMED = auto()
    TERMINATED = auto()


class Milestone(Symbol):
    """What moves a dialog from phase to phase."""

    ANSWERED = auto()
    BYE = auto()


PHASES: Final = {
    (Phase.EARLY, Milestone.ANSWERED): Phase.CONFIRMED,
    (Phase.EARLY, Milestone.BYE): Phase.TERMINATED,
    (Phase.CONFIRMED, Milestone.BYE): Phase.TERMINATED,
    # A BYE that crosses ours.
    (Phase.TERMINATED, Milestone.BYE): Phase.TERMINATED,
}
"""All other pairs raise: nothing is answered twice or comes back to life."""


@dataclass(slots=True)
class Dialog:
    """``latched`` is where the peer's messages really come from; ``symmetric`` whether ours go there (NAT); ``updates``
    whether the peer takes UPDATE, by what it said last (RFC 3311 §4); ``secure`` whether a SIPS URI began it;
    ``refused`` are the extensions that the peer will not hear of (420).
    """

    call_id: str
    local: NameAddress
    remote: NameAddress
    target: Uri
    routes: tuple[NameAddress, ...]
    local_cseq: int
    remote_cseq: int
    latched: Hop
    phase: Phase
    symmetric: bool = False
    updates: bool = False
    secure: bool = False
    refused: frozenset[str] = frozenset()

    @property
    def key(self) -> DialogKey:
        """What tells this dialog from all others."""
        return self.call_id, self.local.tag or "", self.remote.tag or ""

    @property
    def sips(self) -> bool:
        """Whether our Contact must be a SIPS URI (§12.1.1, §8.1.1.8)."""
        first = self.routes[0].uri if self.routes else self.target
        return self.secure or "sips" in (first.scheme, self.target.scheme)

    def reach(self, milestone: Milestone) -> None:
        """Move on."""
        self.phase = PHASES[self.phase, milestone]

    def next_cseq(self) -> int:
        """The number for our next request."""
        self.local_cseq += 1
        return self.local_cseq

    def in_order(self, number: int) -> bool:
        """§12.2.2: whether a request of the peer's with that CSeq is new; if so, it is noted."""
        if number <= self.remote_cseq:
            return False
        self.remote_cseq = number
        return True

    def refresh(self, message: Request | Response) -> None:
        """§12.2: a target refresh (INVITE, UPDATE and their 2xx) moves the remote target."""
        self.note_methods(message)
        try:
            contacts = message.contacts
        except ParseError:
            return
        if contacts:
            self.target = contacts[0].uri

    def note_methods(self, message: Request | Response) -> None:
        """Take what Allow says; without one what held before holds."""
        allowed = message.headers.get_all("Allow")
        if allowed:
            self.updates = any(item.strip().upper() == "UPDATE" for value in allowed for item in value.split(","))

    def confirm(self, anew: "Dialog") -> None:
        """§13.2.2.4: the 2xx came, of which ``anew`` was made: the route set is its, the sequence numbers go on."""
        self.remote, self.target, self.routes, self.latched = anew.remote, anew.target, anew.routes, anew.latched
        self.local_cseq = max(self.local_cseq, anew.local_cseq)
        self.phase = anew.phase

    def start_line(self) -> tuple[Uri, tuple[NameAddress, ...]]:
        """Request-URI and Route values of our requests."""
        return request_line(self.target, self.routes)

    def destination(self) -> Hop:
        """Where our requests go (§12.2.1.1, §8.1.2)."""
        if self.routes:
            return hop_of(self.routes[0].uri, self.latched)
        if isinstance(self.target, SipUri) and "ob" in self.target.params:
            return self.latched  # RFC 5626 §4.3: by the way that the peer's messages come
        if self.symmetric and seems_natted(self.target, self.latched):
            return self.latched
        return hop_of(self.target, self.latched)

    @property
    def flow(self) -> Hop | None:
        """The TCP connection that the dialog lives on, if it does."""
        return self.latched if self.latched.reliable else None


def dialog_of_request(request: Request, tag: str, source: Hop, *, symmetric: bool) -> Dialog:
    """The UAS's side of a dialog (§12.1.1), our tag being ``tag``."""
    contacts = request.contacts
    made = Dialog(
        call_id=request.call_id,
        local=request.to.with_tag(tag),
        remote=request.from_,
        target=contacts[0].uri if contacts else request.from_.uri,
        routes=tuple(request.record_routes),
        local_cseq=0,
        remote_cseq=request.cseq.number,
        latched=source,
        phase=Phase.EARLY,
        symmetric=symmetric,
        secure=request.uri.scheme == "sips",
    )
    made.note_methods(request)
    return made


def dialog_of_response(request: Request, response: Response, source: Hop, *, symmetric: bool) -> Dialog:
    """The UAC's side of a dialog (§12.1.2) that ``response`` to our ``request`` makes."""
    contacts = response.contacts
    made = Dialog(
        call_id=response.call_id,
        local=request.from_,
        remote=response.to,
        target=contacts[0].uri if contacts else request.uri,
        routes=tuple(reversed(response.record_routes)),
        local_cseq=request.cseq.number,
        remote_cseq=-1,
        latched=source,
        phase=Phase.CONFIRMED if response.status >= 200 else Phase.EARLY,
        symmetric=symmetric,
        secure=request.uri.scheme == "sips",
    )
    made.note_methods(response)
    return made
