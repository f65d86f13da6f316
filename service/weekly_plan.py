"""The weekly report as the configuration wants it, in plain values that travel to the process that makes it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from cronsim import CronSim

from core.errors import ConfigError
from reports.weeks import Week
from service.config_distribution import members_of
from service.config_model import Config
from service.config_weekly import PORTS, WHOLE, cron_of
from service.from_config import database_url, thresholds_of


def paper_at(folder: Path, week: Week, kind: str) -> Path:
    """Where the report of ``week`` is written as ``kind``: html, pdf, or txt (its first line is the subject of the
    mail).
    """
    return folder / f"line400-{week}.{kind}"


@dataclass(frozen=True, slots=True)
class Content:
    """What it is of: ``queues`` (none: all) with ``thresholds`` of their service levels, their ``titles``, the
    ``names`` of agents; ``members`` are the agents of those queues (None: all agents).
    """

    zone: str
    thresholds: tuple[tuple[str, float], ...]
    queues: tuple[str, ...]
    titles: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, str], ...]
    members: frozenset[str] | None
    whole_numbers: bool
    font: Path | None


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and from whom to whom."""

    host: str
    port: int
    security: str
    user: str
    password: str
    password_file: Path | None
    sender: str
    to: tuple[str, ...]
    tls_authorities: Path | None
    timeout_s: float


@dataclass(frozen=True, slots=True)
class MakeJob:
    """Make the report of ``week`` from ``database`` into ``folder``."""

    week: Week
    database: str
    folder: Path
    content: Content


@dataclass(frozen=True, slots=True)
class MailJob:
    """Send what lies in ``folder`` of ``week``."""

    week: Week
    folder: Path
    server: MailServer


Job: TypeAlias = MakeJob | MailJob


@dataclass(frozen=True, slots=True)
class WeeklyPlan:
    """``when`` is a cron expression, "" for never; without a ``server`` nothing is mailed."""

    when: str
    zone: ZoneInfo
    database: str
    folder: Path
    content: Content
    server: MailServer | None

    def due_at(self, week: Week) -> float:
        """The first moment after the end of ``week`` at which it is to be made, epoch seconds; infinite where there is
        none.
        """
        _, until = week.span(self.zone)
        moment = next(CronSim(self.when, datetime.fromtimestamp(until - 1, self.zone)), None)
        return float("inf") if moment is None else moment.timestamp()

    def make(self, week: Week) -> MakeJob:
        """The job of making it."""
        return MakeJob(week, self.database, self.folder, self.content)


def weekly_folder(config: Config) -> Path:
    """Where reports are written."""
    return (config.weekly_report.folder or config.data_folder / "reports").absolute()


def weekly_plan(config: Config) -> WeeklyPlan:
    """As the configuration has it."""
    weekly = config.weekly_report
    picked = [queue for queue in config.queues if queue.name in weekly.queues]
    content = Content(
        zone=config.zone,
        thresholds=thresholds_of(config),
        queues=tuple(queue.name for queue in picked),
        titles=tuple((queue.name, queue.title or queue.name) for queue in config.queues),
        names=tuple((agent.id, agent.name) for agent in config.agents),
        members=frozenset(agent for queue in picked for agent in members_of(queue, config)) if picked else None,
        whole_numbers=weekly.numbers == WHOLE,
        font=weekly.font,
    )
    return WeeklyPlan(
        when=cron_of(weekly.when) if weekly.when else "",
        zone=ZoneInfo(config.zone),
        database=database_url(config),
        folder=weekly_folder(config),
        content=content,
        server=mail_server(config) if weekly.to else None,
    )


def mail_server(config: Config) -> MailServer:
    """The mail server; ``ConfigError`` where there is none, or nobody to send to."""
    mail = config.mail
    if not (mail.host and config.weekly_report.to):
        raise ConfigError(["weekly_report.to: nobody to send to; write addresses there, and [mail] host and sender"])
    return MailServer(
        host=mail.host.removeprefix("[").removesuffix("]"),
        port=mail.port or PORTS[mail.security],
        security=mail.security,
        user=mail.user,
        password=mail.password,
        password_file=mail.password_file,
        sender=mail.sender,
        to=config.weekly_report.to,
        tls_authorities=mail.tls_authorities,
        timeout_s=mail.timeout_s,
    )
