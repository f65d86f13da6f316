"""Who is signed in. A session lives in memory: a restart signs everybody out. Only hashes of tokens are kept."""

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from console.ports import Account, Role


@dataclass(frozen=True, slots=True)
class Session:
    """Someone signed in. ``csrf`` must come back in ``X-CSRF-Token`` with each change made by cookie.

    ``hash`` is the account's at the time; ``checked_at`` is when the account was last seen to be the same still.
    """

    name: str
    role: Role
    agent: str
    must_change: bool
    csrf: str
    expires_at: float
    checked_at: float
    hash: str = field(repr=False)

    def belongs_to(self, account: Account) -> bool:
        """Whether nothing that the session rests on has changed: password, role, agent."""
        mine = (self.name, self.role, self.agent, self.must_change, self.hash)
        return mine == (account.name, account.role, account.agent, account.must_change, account.hash)

    @property
    def sees_numbers(self) -> bool:
        """Whether customers' numbers are shown whole."""
        return self.role in ("admin", "supervisor")


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """At most ``most`` sessions, each ended by ``session_s`` without a request; the oldest makes room."""

    __slots__ = ("_entropy", "_most", "_session_s", "_sessions")

    def __init__(self, entropy: Callable[[int], bytes], session_s: float, most: int) -> None:
        self._entropy = entropy
        self._session_s = session_s
        self._most = most
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def open(self, account: Account, now: float) -> tuple[str, Session]:
        """A new session and its token, which is shown only here."""
        token = self._random()
        session = Session(
            name=account.name,
            role=account.role,
            agent=account.agent,
            must_change=account.must_change,
            csrf=self._random(),
            expires_at=now + self._session_s,
            checked_at=now,
            hash=account.hash,
        )
        self._sessions[_key(token)] = session
        while len(self._sessions) > self._most:
            self._sessions.popitem(last=False)
        return token, session

    def find(self, token: str, now: float, *, prolong: bool = True) -> Session | None:
        """The session of ``token``, prolonged where wished; None where there is none (any more)."""
        key = _key(token)
        session = self._sessions.get(key)
        if session is None:
            return None
        if session.expires_at <= now:
            del self._sessions[key]
            return None
        if not prolong:
            return session
        session = replace(session, expires_at=now + self._session_s)
        self._sessions[key] = session
        self._sessions.move_to_end(key)
        return session

    def check(self, token: str, account: Account | None, now: float) -> Session | None:
        """The session of ``token`` now that its account was looked up; an account that is gone or changed ends it."""
        key = _key(token)
        session = self._sessions.get(key)
        if session is None:
            return None
        if account is None or not session.belongs_to(account):
            del self._sessions[key]
            return None
        session = replace(session, checked_at=now)
        self._sessions[key] = session
        return session

    def close(self, token: str) -> None:
        """Sign out. Closing what is not open is no error."""
        self._sessions.pop(_key(token), None)

    def close_all(self, name: str) -> None:
        """Sign ``name`` out everywhere (its password or role changed)."""
        for key in [key for key, session in self._sessions.items() if session.name == name]:
            del self._sessions[key]

    def _random(self) -> str:
        return base64.urlsafe_b64encode(self._entropy(32)).decode().rstrip("=")
