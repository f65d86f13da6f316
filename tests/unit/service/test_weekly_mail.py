"""The weekly report by mail, to a real SMTP server on loopback."""

import asyncio
import socket
import ssl
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.errors import Unavailable
from reports.weeks import parse_week
from service.weekly_mail import send
from service.weekly_make import Files
from service.weekly_plan import MailJob, MailServer
from tests.certificates import make_authority
from tests.mail_server import mail_server

WEEK = parse_week("2026-W46")
PDF = b"%PDF-1.4 \x00\xff binary"
PAGE = "<html><body><h1>客服周报</h1><p>接通率 77.8 %</p></body></html>"


def job_of(folder: Path, port: int, **more: object) -> MailJob:
    files = Files.of(folder, WEEK)
    files.text.write_text("客服周报 2026-W46：接通率 77.8 %\n\n购车咨询\n", "utf-8")
    files.html.write_text(PAGE, "utf-8")
    files.pdf.write_bytes(PDF)
    server = MailServer(
        "127.0.0.1", port, "off", "", "", None, "line@example.com", ("boss@example.com", "ops@example.com"), None, 10.0
    )
    return MailJob(WEEK, folder, replace(server, **more))  # type: ignore[arg-type]


def contexts(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS and the authority that vouches for it."""
    authority = make_authority(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.sign("mail.example.com"))
    return context, authority.file


async def sent(job: MailJob) -> tuple[str, ...]:
    return await asyncio.to_thread(send, job)


async def test_the_page_is_the_body_and_pdf_and_page_are_attached(tmp_path: Path) -> None:
    async with mail_server() as inbox:
        assert await sent(job_of(tmp_path, inbox.port)) == ()
        assert await sent(job_of(tmp_path, inbox.port)) == ()
    mail, again = inbox.mails
    assert inbox.to[0] == ["boss@example.com", "ops@example.com"]
    assert mail["Subject"] == "客服周报 2026-W46：接通率 77.8 %"
    assert mail["From"] == "line@example.com" and mail["To"] == "boss@example.com, ops@example.com"
    assert mail["Message-ID"] == again["Message-ID"] == "<line400.weekly.2026-W46@example.com>"
    page, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert page is not None and page.get_content().strip() == PAGE
    assert text is not None and text.get_content().strip() == "购车咨询"
    attached: dict[str | None, EmailMessage] = {it.get_filename(): it for it in mail.iter_attachments()}  # type: ignore[misc]
    assert attached["line400-2026-W46.pdf"].get_content() == PDF
    assert attached["line400-2026-W46.html"].get_content().strip() == PAGE


async def test_by_starttls_with_a_password_from_a_file(tmp_path: Path) -> None:
    context, authority = contexts(tmp_path)
    (tmp_path / "password").write_text("hush\n", "utf-8")
    async with mail_server(starttls=context, account=("line", "hush")) as inbox:
        known = job_of(tmp_path, inbox.port, security="starttls", user="line", tls_authorities=authority)
        await sent(replace(known, server=replace(known.server, password_file=tmp_path / "password")))
        assert len(inbox.mails) == 1
        with pytest.raises(Unavailable, match=r"did not take the mail: .*535") as wrong:
            await sent(replace(known, server=replace(known.server, password="secret guess")))
        assert "secret guess" not in str(wrong.value)
        with pytest.raises(Unavailable, match=r"(?i)certificate"):  # nobody vouches for it
            await sent(replace(known, server=replace(known.server, tls_authorities=None)))
    assert len(inbox.mails) == 1


async def test_by_tls_from_the_first_byte_on(tmp_path: Path) -> None:
    context, authority = contexts(tmp_path)
    async with mail_server(tls=context) as inbox:
        await sent(job_of(tmp_path, inbox.port, security="tls", tls_authorities=authority))
    assert len(inbox.mails) == 1


async def test_an_address_that_is_refused_keeps_it_from_no_other(tmp_path: Path) -> None:
    async with mail_server() as inbox:
        inbox.refused = ("ops@example.com",)
        assert await sent(job_of(tmp_path, inbox.port)) == ("ops@example.com",)
        inbox.refused = ("boss@example.com", "ops@example.com")
        with pytest.raises(Unavailable, match="did not take the mail"):
            await sent(job_of(tmp_path, inbox.port))
    assert inbox.to == [["boss@example.com"]]


async def test_what_keeps_it_from_being_sent_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        job = job_of(tmp_path, taken.getsockname()[1])
        with pytest.raises(Unavailable, match=r"mail server 127.0.0.1:\d+: Connection refused"):
            await sent(job)
    async with mail_server() as inbox:
        job = job_of(tmp_path, inbox.port)
        Files.of(tmp_path, WEEK).pdf.unlink()
        with pytest.raises(Unavailable, match=r"line400-2026-W46.pdf: No such file"):
            await sent(job)
