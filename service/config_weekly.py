"""The weekly report and the mail server in the configuration: as they are written, and checked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from campaigns.probe import check_cron

if TYPE_CHECKING:
    from service.config_links import Places
    from service.config_model import Config

_DAYS: Final = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 0}
_CHINESE: Final = dict(zip("一二三四五六日天", (*_DAYS, "sun"), strict=True))
_MOMENT: Final = re.compile(
    r"(?:(mon|tue|wed|thu|fri|sat|sun)|(?:周|星期)([一二三四五六日天]))\s+([01]?[0-9]|2[0-3]):([0-5][0-9])"
)
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_HOST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}|\[?[0-9A-Fa-f:.]{2,45}\]?|")
SECURITIES: Final = ("starttls", "tls", "off")
PORTS: Final = {"starttls": 587, "tls": 465, "off": 25}
"""Where a mail server usually listens."""
MASKED: Final = "masked"
WHOLE: Final = "whole"
_TRUETYPE: Final = (b"\x00\x01\x00\x00", b"true", b"ttcf")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """[mail] the server through which mail is sent ("" : none), as ``sender``. ``security`` is "starttls", "tls" from
    the first byte on, or "off"; ``port`` 0 is the usual one of it. Its certificate is checked against
    ``tls_authorities`` (None: the system's). The password stands here, in the environment, or in ``password_file``.
    """

    host: str = ""
    port: int = 0
    security: str = "starttls"
    user: str = ""
    password: str = ""
    password_file: Path | None = None
    sender: str = ""
    tls_authorities: Path | None = None
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class WeeklyReportSettings:
    """[weekly_report] the report of each week is made ``when`` a cron expression or "mon 07:00" comes up after its end
    ("": never), of ``queues`` (empty: all), into ``folder`` (None: ``reports`` below the data folder), and mailed
    ``to`` these addresses. Callers' ``numbers`` are "masked" or "whole"; ``font`` is a TrueType file for the PDF.
    """

    when: str = ""
    queues: tuple[str, ...] = ()
    folder: Path | None = None
    to: tuple[str, ...] = ()
    numbers: str = MASKED
    font: Path | None = None


def cron_of(when: str) -> str:
    """``mon 07:00`` or ``周一 07:00`` as a cron expression, others as they are; ``ValueError`` for what is none."""
    moment = _MOMENT.fullmatch(when.strip().lower())
    if moment is None:
        return check_cron(when)
    day = _DAYS[moment[1] or _CHINESE[moment[2]]]
    return f"{int(moment[4])} {int(moment[3])} * * {day}"


def _when(value: object) -> str | None:
    if value == "":
        return None
    try:
        cron_of(str(value))
    except ValueError as error:
        return f'{error}; or a day and a time, such as "mon 07:00"'
    return None


def _matches(pattern: re.Pattern[str], complaint: str) -> Callable[[object], str | None]:
    return lambda value: None if pattern.fullmatch(str(value)) else complaint


def _addresses(value: object) -> str | None:
    items = value if isinstance(value, tuple) else (value,) if value else ()
    wrong = next((item for item in items if not _ADDRESS.fullmatch(str(item))), None)
    return None if wrong is None else f"{wrong!r} is no address of mail; write name@example.com"


WEEKLY_CHECKS: Final[Mapping[tuple[str, str], Callable[[object], str | None]]] = {
    ("mail", "host"): _matches(_HOST, "must be a name such as smtp.example.com or an address, without a port"),
    ("mail", "port"): lambda value: (
        None if isinstance(value, int) and 0 <= value <= 65535 else "must be from 0 (the usual one) to 65535"
    ),
    ("mail", "security"): lambda value: None if value in SECURITIES else f"must be one of {', '.join(SECURITIES)}",
    ("mail", "sender"): _addresses,
    ("mail", "timeout_s"): lambda value: (
        None if isinstance(value, float) and 1 <= value <= 300 else "must be from 1 to 300 seconds"
    ),
    ("weekly_report", "when"): _when,
    ("weekly_report", "to"): _addresses,
    ("weekly_report", "numbers"): lambda value: None if value in (MASKED, WHOLE) else f"must be {MASKED} or {WHOLE}",
}
"""By table and key, beside ``service.config_checks``."""


def check_weekly(config: "Config", at: "Places") -> None:
    """Note queues that are none, mail that nobody could send, and files that are missing."""
    mail, weekly = config.mail, config.weekly_report
    known = [queue.name for queue in config.queues]
    for name in weekly.queues:
        if name not in known:
            at.fault(("weekly_report", "queues"), f"there is no queue {name!r}; known: {', '.join(known)}")
    if weekly.to and not mail.host:
        at.fault(("weekly_report", "to"), "needs [mail] host: the server that sends it")
    if mail.host and not mail.sender:
        at.fault(("mail", "host"), "needs sender: the address that mail comes from")
    if mail.password and mail.password_file is not None:
        at.fault(("mail", "password_file"), "password is there too; leave one of them out")
    if mail.user and not (mail.password or mail.password_file):
        at.fault(("mail", "user"), "needs password, or password_file")
    if not (mail.user + mail.password).isascii():
        at.fault(("mail", "user"), "and password must be plain ASCII")
    if mail.user and mail.security == "off" and mail.host not in ("127.0.0.1", "::1", "localhost"):
        at.fault(("mail", "security"), "off would send the password in the open; use starttls or tls")
    for table, key, file in (
        ("mail", "password_file", mail.password_file),
        ("mail", "tls_authorities", mail.tls_authorities),
        ("weekly_report", "font", weekly.font),
    ):
        if file is not None and not file.is_file():
            at.fault((table, key), f"there is no file {file}")
    if weekly.font is not None and weekly.font.is_file() and not _is_truetype(weekly.font):
        at.fault(("weekly_report", "font"), f"{weekly.font} is no TrueType font (.ttf or .ttc)")


def _is_truetype(file: Path) -> bool:
    try:
        with file.open("rb") as font:
            return font.read(4) in _TRUETYPE
    except OSError:
        return False
