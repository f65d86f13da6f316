"""``line400 trunk``: a trunk's table from questions and answers, and whether a carrier answers from here."""

import asyncio
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from core.errors import ConfigError, Unavailable
from service import from_config as values
from service.addresses import reachable
from service.cli_common import ConfigOption, out, told
from service.clock import SystemClock
from service.config import read_config
from service.config_model import Config
from telephony.names import DnsNames, find
from telephony.sip.address import NameAddress
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Responded, SipEvent
from telephony.sip.hop import TCP, UDP, Hop
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri
from telephony.trunk import TrunkSettings

ANSWER_S: Final = 5.0
EXIT_SILENT: Final = 1

trunk_app = typer.Typer(no_args_is_help=True, add_completion=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """One address of a carrier: ``status`` of its answer to OPTIONS, 0 where none came."""

    hop: Hop
    status: int
    took_s: float


@trunk_app.command("new")
def new() -> None:
    """问答生成中继配置 / Ask what the carrier has given, and print the table for line400.toml."""
    name = typer.prompt("名称 / name for this carrier", default="carrier")
    by_account = typer.confirm("要注册吗（运营商给了用户名和密码）/ do you register (user and password)", default=False)
    host = typer.prompt("运营商 SIP 地址或域名 / the carrier's SIP address or domain")
    keys: dict[str, str | int | bool | list[str]] = {"name": name, "host": host}
    port = typer.prompt("端口，0 = 由 DNS 决定，否则 5060 / port, 0: what the DNS says, else 5060", default=0, type=int)
    if port:
        keys["port"] = port
    transport = typer.prompt("传输 udp、tcp、tls、auto / transport", default="udp")
    if transport != "udp":
        keys["transport"] = transport
    variable = ""
    if by_account:
        variable = f"TRUNK_{''.join(each if each.isalnum() else '_' for each in name).upper()}"
        keys |= {"register": True, "user": typer.prompt("用户名 / user"), "password": f"env:{variable}"}
    sources = typer.prompt(
        "来电的其他地址或网段，逗号分隔，没有就回车 / other addresses or networks that it calls from", default=""
    )
    if listed := [each.strip() for each in sources.replace("，", ",").split(",") if each.strip()]:
        keys["sources"] = listed
    keys["caller_id"] = typer.prompt("外显号码 / number to show on calls", default="")
    keys["max_calls"] = typer.prompt("通道数 / channels that you have rented", default=30, type=int)
    text = table(keys)
    with told():
        check_table(text, variable)
    out.print(f"\n把下面几行写进 line400.toml / put these lines into line400.toml:\n\n{text}")
    if variable:
        out.print(f"密码放在环境变量里 / the password goes into the environment variable {variable}")
    out.print(f"然后 / then: line400 check && line400 trunk try {name}")


def table(keys: dict[str, str | int | bool | list[str]]) -> str:
    """The ``[[trunk]]`` table with these keys; texts are written as JSON, which TOML reads the same."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items() if value != ""]
    return "\n".join(["[[trunk]]", *lines]) + "\n"


def check_table(text: str, variable: str = "") -> None:
    """``ConfigError`` names what is wrong with a table as ``line400 check`` would."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "trunk.toml"
        path.write_text(text, encoding="utf-8")
        read_config(path, dict(os.environ) | {variable: "x"})


@trunk_app.command("try")
def try_one(
    name: Annotated[str, typer.Argument(help="中继名称 / name of the trunk")], config: ConfigOption = None
) -> None:
    """查域名并向每个地址发 OPTIONS / Look the carrier up and ask each of its addresses by OPTIONS; exit code 1 where
    none answers. Nothing is registered and nobody is called.
    """
    with told():
        loaded = read_config(config).config
        trunk = next((one for one in values.trunks_of(loaded) if one.name == name), None)
        if trunk is None:
            known = ", ".join(one.name for one in loaded.trunks) or "-"
            raise ConfigError([f"没有这个中继 / there is no trunk {name!r}; known: {known}"])
        tried = asyncio.run(knock(trunk, loaded))
    for one in tried:
        said = (
            f"答复 {one.status}，{1000 * one.took_s:.0f} 毫秒 / answers {one.status} in {1000 * one.took_s:.0f} ms"
            if one.status
            else "没有答复：防火墙、地址、传输方式 / no answer: firewall, address, transport"
        )
        out.print(f"{one.hop}  {said}")
    if not any(one.status for one in tried):
        raise typer.Exit(EXIT_SILENT)


async def knock(trunk: TrunkSettings, config: Config) -> list[Tried]:
    """Ask every address of ``trunk`` from a port of our own; ``Unavailable`` where its name leads nowhere."""
    listen = [Hop(UDP, config.sip.host, 0), Hop(TCP, config.sip.host, 0)]
    stack = SipStack(
        Endpoint(listen, entropy=secrets.token_bytes),
        SystemClock(),
        listen,
        advertise=config.sip.advertised or reachable(config.sip.host),
        tls=values.tls_of(config),
    )
    await stack.start()
    try:
        families = (6,) if ":" in config.sip.host else (4,)
        located = await find(trunk.target((UDP, TCP), families), DnsNames(values.name_servers_of(config)))
        hops = dict.fromkeys(hop for server in located.servers for hop in server.hops)
        return list(await asyncio.gather(*(_ask(stack, trunk, hop) for hop in hops)))
    finally:
        await stack.close()


async def _ask(stack: SipStack, trunk: TrunkSettings, hop: Hop) -> Tried:
    loop = asyncio.get_running_loop()
    began = loop.time()
    answered: asyncio.Future[int] = loop.create_future()
    ours = stack.addresses[0]
    uri = SipUri(trunk.host, port=trunk.uri_port)
    us = NameAddress(SipUri(ours.host, user=trunk.user or "line400"))
    key = stack.request(hop, "OPTIONS", uri, us, NameAddress(SipUri(trunk.host)), trunk.credentials)

    def heard(event: SipEvent) -> None:
        if isinstance(event, Responded) and event.key == key and not answered.done():
            answered.set_result(event.status if event.response is not None else 0)

    stack.subscribe(heard)
    try:
        async with asyncio.timeout(ANSWER_S):
            status = await answered
    except (TimeoutError, Unavailable):
        status = 0
    return Tried(hop, status, loop.time() - began)
