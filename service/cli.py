"""The command ``line400``: the table of its commands, each a thin door to a room that does the work."""

from typing import Final

import typer

from service.cli_door import doors_to

COMMANDS: Final = {
    "serve": ("service.cli_serve:serve", "启动服务 / Run the service until Ctrl-C or SIGTERM."),
    "check": (
        "service.cli_check:check",
        "检查配置 / Check the configuration and the flows and surveys it names, and say what is wrong where.",
    ),
    "reload": ("service.cli_live:reload", "重新读取配置 / Read the configuration again without ending a call."),
    "trace": (
        "service.cli_live:trace",
        "SIP 跟踪 / Show SIP messages as they pass. Switched on for as long as this runs, if it was off before.",
    ),
    "report": (
        "service.cli_report:report",
        "接通率与排队报表 / Answer rate, service levels A–D, waits, by bucket and queue.",
    ),
    "weekly": (
        "service.cli_weekly:weekly",
        "周报 / Make the report of a week as a page and a PDF, and mail it.",
    ),
    "simulate": (
        "service.cli_simulate:simulate",
        "模拟来电 / Simulate calls on the live scheduler: what would waits be with these callers and agents?",
    ),
    "staffing": (
        "service.cli_staffing:staffing",
        "排班 / Calls to be expected by half hour, agents needed (Erlang A or C), and who was there.",
    ),
    "recount": (
        "service.cli_recount:recount",
        "重新统计报表半小时数据 / Count the half hours of the queue reports again, from the calls.",
    ),
    "told": (
        "service.cli_told:told_waits",
        "告知等待与实际 / Waits that callers were told against what happened, by queue.",
    ),
    "campaign": ("service.cli_campaign:campaign_app", "外呼任务 / outbound campaigns"),
    "do-not-call": ("service.cli_do_not_call:do_not_call_app", "免打扰名单 / numbers that campaigns must not call"),
    "consent": ("service.cli_consent:consent_app", "同意记录 / who has agreed to which calls"),
    "ledger": ("service.cli_ledger:ledger_app", "外呼合规账本 / the ledger of decisions, refusals and consents"),
    "records": ("service.cli_records:records_app", "车辆与客户档案 / cars, owners and their history"),
    "select": ("service.cli_select:select_app", "选人 / whom to call, by reason: conditions on people and cars"),
    "tradein": ("service.cli_tradein:tradein_app", "置换 / replacement cycles, ranking of owners, offers"),
    "recordings": ("service.cli_recordings:recordings_app", "录音 / recordings"),
    "users": ("service.cli_users:users_app", "控制台用户 / console users"),
    "trunk": ("service.cli_trunk:trunk_app", "中继 / carriers' trunks"),
    "may-call": (
        "service.cli_dialling:may_call",
        "能否外呼 / Say which numbers outside may be called, and why not; exit code 1 where one may not.",
    ),
    "lockouts": (
        "service.cli_lockouts:lockouts_app",
        "锁定的来源 / List the sources that are locked out for wrong SIP passwords.",
    ),
    "models": ("service.cli_models:models_app", "语音识别模型 / recognition models"),
    "media-worker": (
        "service.cli_media:media_worker",
        "为另一台机器提供媒体进程 / Run media workers for a service on another machine, until SIGTERM.",
    ),
    "demo": (
        "service.cli_demo:demo",
        "演示 / Start the service with simulated callers, agents and a carrier, and show what happens.",
    ),
    "version": ("service.cli_version:version", "版本 / Show the version."),
}
"""Where each command is and what it is for, as its own help begins. Nothing but this table is loaded to show it."""

app = typer.Typer(
    cls=doors_to(COMMANDS),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def line400() -> None:
    """Line400: 客户服务中心电话系统 / the phone system of a customer-service centre"""


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
