"""The command ``line400``: each command is a thin door to a room that does the work."""

import json
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from core.errors import ConfigError
from service.cli_campaign import campaign_app
from service.cli_common import ConfigOption, complaints, out, told
from service.cli_dialling import may_call
from service.cli_live import reload, trace
from service.cli_lockouts import lockouts_app
from service.cli_media import media_worker
from service.cli_models import models_app
from service.cli_recordings import recordings_app
from service.cli_report import report
from service.cli_trunk import trunk_app
from service.cli_users import users_app
from service.config import read_config
from service.config_surroundings import missing_model
from service.logs import LogLevel, set_up_logs

app = typer.Typer(
    help="Line400: 客户服务中心电话系统 / the phone system of a customer-service centre",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(campaign_app, name="campaign")
app.add_typer(lockouts_app, name="lockouts")
app.add_typer(models_app, name="models")
app.add_typer(recordings_app, name="recordings")
app.add_typer(trunk_app, name="trunk")
app.add_typer(users_app, name="users")
app.command("may-call")(may_call)
app.command("reload")(reload)
app.command("report")(report)
app.command("trace")(trace)
app.command("media-worker")(media_worker)


@app.command()
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
    from service.serve import run  # noqa: PLC0415 - loads the whole house, which other commands need not wait for

    with told():
        loaded = read_config(config)
    for warning in loaded.warnings:
        complaints.print(f"注意 / warning: {warning}", style="yellow")
    set_up_logs(log_level or LogLevel(loaded.config.log_level), sip_trace=sip_trace)
    raise typer.Exit(run(loaded.config, path=config, level_follows=log_level is None))


@app.command()
def check(config: ConfigOption = None) -> None:
    """检查配置 / Check the configuration and the flows and surveys it names, and say what is wrong where."""
    with told():
        loaded = read_config(config)
        if problem := missing_model(loaded.config):
            raise ConfigError([problem])
    for warning in loaded.warnings:
        out.print(f"注意 / warning: {warning}", style="yellow")
    checked = loaded.config
    out.print(
        f"配置正确 / configuration is right: trunks {len(checked.trunks)}, agents {len(checked.agents)}, "
        f"queues {len(checked.queues)}, numbers {len(checked.numbers)}, campaigns {len(checked.campaigns)}"
    )


@app.command()
def demo() -> None:
    """演示 / Start the service with simulated callers, agents and a carrier, and show what happens."""
    from service.demo.run import run  # noqa: PLC0415 - as in serve

    raise typer.Exit(run())


@app.command()
def version(as_json: Annotated[bool, typer.Option("--json", help="机器可读 / for programs")] = False) -> None:
    """版本 / Show the version."""
    number = version_of("line400")
    out.print(json.dumps({"line400": number}) if as_json else f"line400 {number}")


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
