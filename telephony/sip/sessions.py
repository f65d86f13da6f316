"""The list of calls: takes new ones from peers within the bounds, and forgets those that have ended."""

from collections import Counter
from typing import Final

from core.errors import ParseError
from telephony.sip.agent import UserAgent
from telephony.sip.dialog import dialog_of_request
from telephony.sip.events import Invited, Replaced
from telephony.sip.intake import opening_dialog_is_sound
from telephony.sip.refer import Replaces, replaces_of
from telephony.sip.screen import sdp_of
from telephony.sip.session import Session
from telephony.sip.session_table import State
from telephony.sip.transactions import ServerTransaction
from telephony.sip.uas import IncomingSession

_REPLACEABLE: Final = frozenset({State.EARLY, State.CANCELLING, State.UP, State.ACCEPTED, State.ENDING, State.LEAVING})


class SessionList:
    """Sessions by id."""

    def __init__(self, agent: UserAgent) -> None:
        self._agent = agent
        self._sessions: dict[str, Session] = {}
        self._hosts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def full(self) -> bool:
        """Whether no more calls are taken."""
        return len(self._sessions) >= self._agent.settings.max_sessions

    def get(self, session: str) -> Session | None:
        """The session of that id, None once it has ended."""
        return self._sessions.get(session)

    def is_live(self, session: str) -> bool:
        """Whether the rooms above still have something to do with it."""
        found = self._sessions.get(session)
        return found is not None and found.live

    def add(self, session: Session) -> None:
        """Keep a session until it ends."""
        self._sessions[session.id] = session
        self._hosts[session.host] += 1

    def forget(self, session: Session) -> None:
        """See ``Keeper``."""
        if self._sessions.pop(session.id, None) is not None:
            self._hosts[session.host] -= 1
            if self._hosts[session.host] <= 0:
                del self._hosts[session.host]

    def on_invite(self, transaction: ServerTransaction, now: float) -> None:
        """See ``intake.Sessions``."""
        agent = self._agent
        request = transaction.request
        if not opening_dialog_is_sound(request):
            agent.reply(transaction, now, 400)
            return
        try:
            replaces = replaces_of(request)
        except ParseError:
            agent.reply(transaction, now, 400)
            return
        if self.full or self._hosts[transaction.source.host] >= agent.settings.max_sessions_per_host:
            agent.reply(transaction, now, 503)
            return
        symmetric = agent.settings.behind_nat
        dialog = dialog_of_request(request, transaction.tag, transaction.source, symmetric=symmetric)
        session = IncomingSession(agent, self, agent.token(), transaction, dialog, request.uri.user)
        self.add(session)
        session.begin(now)
        replaced = self.replaced(replaces) if replaces is not None else None
        agent.emit(Invited(session.id, request, transaction.source, sdp_of(request), replaced))

    def replaced(self, replaces: Replaces) -> Replaced:
        """What ``replaces`` names: a call that is up, or one of ours that rings. One that a peer began and that we have
        not answered meets 481 (RFC 3891 §3).
        """
        found = self._agent.dialogs.get((replaces.call_id, replaces.to_tag, replaces.from_tag))
        user = found[1] if found is not None else None
        if not isinstance(user, Session) or user.state not in _REPLACEABLE:
            return Replaced("", 481)
        if not user.live:
            return Replaced("", 603)
        if user.state is State.EARLY:
            return Replaced(user.id, early_only=replaces.early_only)
        return Replaced("", 486) if replaces.early_only else Replaced(user.id)

    def up(self, replaces: Replaces) -> str:
        """The session that is up and that ``replaces`` names, "" for none."""
        named = self.get(self.replaced(replaces).session)
        return named.id if named is not None and named.state is not State.EARLY else ""

    def on_cancel(self, invite: ServerTransaction, now: float) -> None:
        """See ``intake.Sessions``; also the INVITE within a dialog."""
        request = invite.request
        found = self._agent.dialogs.get((request.call_id, invite.tag, request.from_.tag or ""))
        if found is None:
            return
        user = found[1]
        if isinstance(user, IncomingSession) and user.transaction is invite:
            user.on_cancel(now)
        elif isinstance(user, Session) and user.offers is not None:
            user.offers.on_cancel(invite, now)
