"""Sends the weekly report: the page as the mail's body, and PDF and page attached."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path

from core.errors import Unavailable
from reports.weeks import Week
from service.weekly_make import Files
from service.weekly_plan import MailJob, MailServer


def send(job: MailJob) -> tuple[str, ...]:
    """Hand the mail in; the addresses that the server refused while it took others. ``Unavailable`` says why nothing
    was sent; then it may be sent again. It always has the same Message-ID, by which a second copy is known as such.
    """
    server = job.server
    try:
        message = message_of(job.week, Files.of(job.folder, job.week), server)
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, _password(server))
            return tuple(connection.send_message(message, server.sender, list(server.to)))
    except smtplib.SMTPException as error:
        raise Unavailable(f"the mail server {server.host}:{server.port} did not take the mail: {error}") from None
    except UnicodeError:
        raise Unavailable("user and password of the mail server must be plain ASCII") from None
    except OSError as error:
        where = error.filename or f"mail server {server.host}:{server.port}"
        raise Unavailable(f"{where}: {error.strerror or error}") from None


def message_of(week: Week, files: Files, server: MailServer) -> EmailMessage:
    """The mail. ``OSError`` where a file is missing."""
    subject, _, text = files.text.read_text("utf-8").partition("\n")
    page = files.html.read_text("utf-8")
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = server.sender
    message["To"] = ", ".join(server.to)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = f"<line400.weekly.{week}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.strip() + "\n")
    message.add_alternative(page, subtype="html")
    message.add_attachment(files.pdf.read_bytes(), maintype="application", subtype="pdf", filename=files.pdf.name)
    message.add_attachment(page, subtype="html", filename=files.html.name)
    return message


def _connected(server: MailServer) -> smtplib.SMTP:
    """A session, encrypted as asked for."""
    if server.security == "off":
        return smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
    trusted = ssl.create_default_context(cafile=server.tls_authorities)
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_s, context=trusted)
    connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
    try:
        connection.starttls(context=trusted)
    except (OSError, smtplib.SMTPException):
        connection.close()
        raise
    return connection


def _password(server: MailServer) -> str:
    return _line_of(server.password_file) if server.password_file is not None else server.password


def _line_of(path: Path) -> str:
    """The first line of a file."""
    return path.read_text("utf-8").partition("\n")[0].rstrip("\r")
