"""``line400 weekly``: the report of a week, made now, and mailed if asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from core.errors import ParseError, Unavailable
from reports.weekly_html import weekly_html
from reports.weekly_pdf import weekly_pdf
from reports.weeks import last_week, parse_week
from service.cli_common import ConfigOption, out, told
from service.cli_store import with_store
from service.clock import SystemClock
from service.config_model import Config
from service.weekly_mail import send
from service.weekly_make import Files, gather, replace_file, summary
from service.weekly_plan import MailJob, mail_server, weekly_plan
from store.store import Store


def weekly(
    week: Annotated[str, typer.Option(help="哪一周（默认上周）/ which week: 2026-W46 (the last one)")] = "",
    html: Annotated[Path | None, typer.Option(help="网页写入此文件 / write the page to this file")] = None,
    pdf: Annotated[Path | None, typer.Option(help="PDF 写入此文件 / write the PDF to this file")] = None,
    mail: Annotated[bool, typer.Option("--mail", help="按配置发邮件 / mail it as the configuration says")] = False,
    config: ConfigOption = None,
) -> None:
    """周报 / Make the report of a week as a page and a PDF, and mail it.

    没有 --html 和 --pdf 时写入配置的文件夹。Without --html and --pdf it goes to the folder of [weekly_report].
    """

    async def work(loaded: Config, store: Store) -> tuple[list[Path], MailJob | None]:
        plan, now = weekly_plan(loaded), SystemClock().now()
        picked = parse_week(week) if week else last_week(now, plan.zone)
        if picked.span(plan.zone)[0] > now:
            raise ParseError(f"{picked} has not begun", where="--week")
        server = mail_server(loaded) if mail else None
        report = await gather(store, picked, plan.content, now)
        wanted: list[tuple[Path | None, Callable[[], bytes]]] = [
            (html, lambda: weekly_html(report).encode()),
            (pdf, lambda: weekly_pdf(report, plan.content.font)),
        ]
        made: list[Path] = []
        if server is not None or not (html or pdf):
            files = Files.of(plan.folder, picked)
            wanted += [(files.html, wanted[0][1]), (files.pdf, wanted[1][1])]
            wanted.append((files.text, lambda: summary(report).encode()))
            plan.folder.mkdir(parents=True, exist_ok=True)
        for path, write in wanted:
            if path is not None:
                replace_file(path, write())
                made.append(path)
        return made, None if server is None else MailJob(picked, plan.folder, server)

    made, job = with_store(config, work)
    for path in made:
        out.print(str(path))
    if job is None:
        return
    with told():
        refused = send(job)
        if refused:
            raise Unavailable(f"the mail server refused {', '.join(refused)} and took the others")
        out.print(f"已发送 / mailed: {', '.join(job.server.to)}")
