"""A real mail server on loopback, for one test."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


@dataclass
class Inbox:
    """What came: mails, with the addresses that were named for each. Addresses of ``refused`` are not taken."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    refused: tuple[str, ...] = ()
    account: tuple[str, str] = ("", "")
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.to.append(list(envelope.rcpt_tos))
        self.came.set()
        return "250 taken"

    def check(self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """By user and password."""
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login.decode(), data.password.decode()) == self.account, handled=False)


@asynccontextmanager
async def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, account: tuple[str, str] = ("", "")
) -> AsyncIterator[Inbox]:
    """One that listens on a free port; with an ``account`` only for who proves to be it."""
    inbox = Inbox(account=account)
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(
            inbox,
            hostname="mail.example.com",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=bool(account[0]),
            auth_require_tls=starttls is not None,
            authenticator=inbox.check,
            loop=loop,
        )

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=tls)
    inbox.port = server.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        server.close()
