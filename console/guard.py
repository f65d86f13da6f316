"""The door: finds the session behind a request, by cookie or bearer token, and turns away who may not.

A change asked for by cookie must carry the session's CSRF token; a bearer token is never sent by a browser on its own,
so it needs none. The cookie is HttpOnly and SameSite=Strict on top.
"""

import hmac
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from starlette.requests import HTTPConnection

from console.ports import Accounts, Role
from console.problems import Problem
from console.sessions import Session, Sessions
from core.clock import Clock
from core.errors import Unavailable

COOKIE: Final = "line400_session"
CHECK_EVERY_S: Final = 3.0
"""Another process (``line400 users``) may remove an account or change its password: its sessions end so soon."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Token:
    """A session's token as it came: by ``cookie`` or as a bearer."""

    text: str
    cookie: bool


def token_of(connection: HTTPConnection) -> Token | None:
    """The token in the request; the ``Authorization`` header goes before the cookie."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return Token(value.strip(), cookie=False)
    cookie = connection.cookies.get(COOKIE)
    return Token(cookie, cookie=True) if cookie else None


def same_origin(connection: HTTPConnection) -> bool:
    """False where a browser says that another site's page sent this request."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc == connection.headers.get("host", "")


class Guard:
    """FastAPI dependencies that let the right people through."""

    def __init__(self, sessions: Sessions, accounts: Accounts, clock: Clock) -> None:
        self._sessions = sessions
        self._accounts = accounts
        self._clock = clock

    async def find(self, connection: HTTPConnection, *, prolong: bool = True) -> Session | None:
        """The session of a request or WebSocket, None where it has none (any more); without any check of CSRF."""
        token = token_of(connection)
        if token is None:
            return None
        now = self._clock.now()
        session = self._sessions.find(token.text, now, prolong=prolong)
        if session is None or now - session.checked_at < CHECK_EVERY_S:
            return session
        try:
            account = await self._accounts.find(session.name)
        except Unavailable:  # the health page must open just then; nobody can be removed meanwhile either
            return session
        return self._sessions.check(token.text, account, now)

    async def reads(self, socket: HTTPConnection, *, prolong: bool = False) -> bool:
        """Whether a WebSocket may listen: signed in with a password of his own, and not sent by another site's page."""
        session, token = await self.find(socket, prolong=prolong), token_of(socket)
        if session is None or token is None or session.must_change:
            return False
        return not token.cookie or same_origin(socket)

    async def anyone(self, request: Request) -> Session:
        """Whoever is signed in, even with a password that must be changed first. 401, or 403 for a forged change."""
        token = token_of(request)
        session = await self.find(request)
        if token is None or session is None:
            raise Problem(
                401,
                "not signed in" if token is None else "the session has ended",
                mend="Sign in: POST /api/v1/session with name and password.",
                code="not_signed_in",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if token.cookie and request.method not in _SAFE:
            sent = request.headers.get("x-csrf-token", "")
            if not same_origin(request) or not hmac.compare_digest(sent.encode(), session.csrf.encode()):
                raise Problem(
                    403,
                    "the CSRF token is missing or wrong",
                    where="header X-CSRF-Token",
                    mend="Send the csrf value of GET /api/v1/session in the header X-CSRF-Token.",
                    code="csrf",
                )
        return session

    async def user(self, request: Request) -> Session:
        """Whoever is signed in with a password of his own."""
        session = await self.anyone(request)
        if session.must_change:
            raise Problem(
                403,
                "the password must be changed first",
                mend="Change it: PUT /api/v1/session/password with old and new.",
                code="password_must_change",
            )
        return session

    async def trusted(self, request: Request) -> Session:
        """A supervisor or admin."""
        session = await self.user(request)
        need_role(session, "supervisor", "admin")
        return session


def own_phone(session: Session) -> str:
    """The agent at whose phone whoever asks is rung; 409 where his account has none."""
    if not session.agent:
        raise Problem(
            409,
            f"account {session.name!r} has no phone",
            mend=f"Give it one: line400 users add {session.name} --role {session.role} --agent ID",
            code="no_own_phone",
        )
    return session.agent


def own_agent(session: Session, agent: str, does: str) -> None:
    """403 unless whoever asks is ``agent`` himself, who alone ``does`` it."""
    if session.agent != agent or not agent:
        raise Problem(
            403, f"account {session.name!r} does not {does} for {agent}", mend="It is his to do.", code="own_phone_only"
        )


def need_role(session: Session, *roles: Role) -> None:
    """403 unless the session has one of ``roles``."""
    if session.role not in roles:
        raise Problem(
            403,
            f"role {session.role!r} may not do this",
            mend=f"Ask someone with the role {' or '.join(roles)}.",
            code="role",
        )
