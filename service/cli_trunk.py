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
from telephony.sip.connect_faults import ConnectFault, FailedConnection
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Responded, SipEvent
from telephony.sip.hop import TCP, TLS, UDP, Hop
from telephony.sip.locating import FOUND_BY_DNS
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri
from telephony.trunk import TrunkSettings

ANSWER_S: Final = 5.0
EXIT_SILENT: Final = 1

trunk_app = typer.Typer(no_args_is_help=True, add_completion=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """One address of a carrier: ``status`` of its answer to OPTIONS, 0 where none came; then ``failed`` says why there
    was not even a connection.
    """

    hop: Hop
    status: int
    took_s: float
    failed: FailedConnection | None = None

    def said(self) -> str:
        """For who is trying."""
        if self.status:
            took_ms = round(1000 * self.took_s)
            return f"答复 {self.status}，{took_ms} 毫秒 / answers {self.status} in {took_ms} ms"
        if self.failed is not None:
            return f"{FAULTS[self.failed.fault]} / {self.failed}"
        return "没有答复：防火墙、地址、传输方式 / no answer: firewall, address, transport"


FAULTS: Final = {
    ConnectFault.EXPIRED: "对方证书已过期",
    ConnectFault.NOT_YET_VALID: "对方证书尚未生效（核对两边的时钟）",
    ConnectFault.WRONG_NAME: "对方证书不是这个名称的（host 要写证书上的名称）",
    ConnectFault.UNKNOWN_AUTHORITY: "不信任签发对方证书的机构（见 [sip] tls_authorities）",
    ConnectFault.CERTIFICATE: "对方证书不可信",
    ConnectFault.OURS_REFUSED: "对方要我们的证书，或不接受它（见 [sip] tls_certificate）",
    ConnectFault.NO_TLS: "那个端口不是 TLS",
    ConnectFault.TLS: "TLS 协商失败",
    ConnectFault.CLOSED: "对方一言不发就断开；TLS 时也许要我们的证书（见 [sip] tls_certificate）",
    ConnectFault.REFUSED: "那里没有服务在监听",
    ConnectFault.SILENT: "连接超时：防火墙、地址",
    ConnectFault.OTHER: "无法连接",
}
"""What is wrong, for the user; the English stands in ``ConnectFault``."""


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
        out.print(f"{one.hop}  {one.said()}", soft_wrap=True)
    if any(one.hop.transport == TLS for one in tried) and loaded.sip.tls_port < 0:
        out.print(
            "注意：[sip] tls_port 没有打开，line400 serve 不会用 TLS / "
            "note: [sip] tls_port is off, so line400 serve will not use TLS",
            soft_wrap=True,
        )
    if not any(one.status for one in tried):
        raise typer.Exit(EXIT_SILENT)


async def knock(trunk: TrunkSettings, config: Config) -> list[Tried]:
    """Ask every address of ``trunk`` from a port of our own, by the transport that its table or the DNS says, of those
    that the service listens on; ``Unavailable`` where its name leads nowhere.
    """
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
        usable = {hop.transport for hop in values.listen_of(config)}
        transports = tuple(transport for transport in FOUND_BY_DNS if transport in usable)
        located = await find(trunk.target(transports, families), DnsNames(values.name_servers_of(config)))
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
    return Tried(hop, status, loop.time() - began, None if status else stack.fault(hop))
