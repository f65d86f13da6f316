"""``line400 serve``: the service, as the configuration and the command line say."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from service.cli_common import ConfigOption, complaints, told
from service.config import read_config
from service.logs import LogLevel, set_up_logs
from service.serve import run


def serve(
    config: ConfigOption = None,
    log_level: Annotated[
        LogLevel | None, typer.Option(help="日志级别 / how much is logged (default: log_level of the configuration)")
    ] = None,
    sip_trace: Annotated[
        bool, typer.Option("--sip-trace", help="记录全部 SIP 报文（含号码）/ log whole SIP messages, numbers and all")
    ] = False,
) -> None:
    """启动服务 / Run the service until Ctrl-C or SIGTERM."""
    with told():
        loaded = read_config(config)
    for warning in loaded.warnings:
        complaints.print(f"注意 / warning: {warning}", style="yellow")
    level = log_level or LogLevel(loaded.config.log_level)
    set_up_logs(level, sip_trace=sip_trace, zone=ZoneInfo(loaded.config.zone))
    raise typer.Exit(run(loaded.config, path=config, level_follows=log_level is None))
