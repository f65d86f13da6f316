"""``line400 trunk``: whether a carrier answers from here; a trunk's table is made in ``service.cli_trunk_new``."""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Annotated, Final

import typer

from core.errors import ConfigError, Unavailable
from service import from_config as values
from service.addresses import reachable
from service.cli_common import ConfigOption, out, told
from service.cli_trunk_new import new
from service.clock import SystemClock
from service.config import read_config
from service.config_model import Config
from telephony.names import DnsNames, Names, find
from telephony.sip.address import NameAddress
from telephony.sip.connect_faults import ConnectFault, FailedConnection
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Responded, SipEvent
from telephony.sip.hop import TCP, TLS, UDP, Hop
from telephony.sip.locating import FOUND_BY_DNS, Located
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri
from telephony.trunk import TrunkSettings

ANSWER_S: Final = 5.0
EXIT_SILENT: Final = 1
_OTHER: Final = {4: 6, 6: 4}

trunk_app = typer.Typer(no_args_is_help=True, add_completion=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """One address of a carrier: ``status`` of its answer to OPTIONS, 0 where none came; then ``failed`` says why there
    was not even a connection. ``foreign``: it is of the family (IPv4 or IPv6) that we do not speak; nothing was sent.
    """

    hop: Hop
    status: int
    took_s: float
    failed: FailedConnection | None = None
    foreign: bool = False

    def said(self) -> str:
        """For who is trying."""
        if self.status:
            took_ms = round(1000 * self.took_s)
            return f"答复 {self.status}，{took_ms} 毫秒 / answers {self.status} in {took_ms} ms"
        if self.foreign:
            theirs = _family(self.hop.host)
            ours = _OTHER[theirs]
            return (
                f"没有发送：这是 IPv{theirs} 地址，而 [sip] host 只用 IPv{ours} / "
                f"nothing was sent: this is an address of IPv{theirs}, and [sip] host speaks IPv{ours} only"
            )
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


trunk_app.command("new")(new)


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
        family = _family(config.sip.host)
        usable = {hop.transport for hop in values.listen_of(config)}
        transports = tuple(transport for transport in FOUND_BY_DNS if transport in usable)
        located = await _located(trunk, transports, family, DnsNames(values.name_servers_of(config)))
        hops = dict.fromkeys(hop for server in located.servers for hop in server.hops)
        ours = [hop for hop in hops if _family(hop.host) == family]
        tried = await asyncio.gather(*(_ask(stack, trunk, hop) for hop in ours))
        return [*tried, *(Tried(hop, 0, 0.0, foreign=True) for hop in hops if hop not in ours)]
    finally:
        await stack.close()


async def _located(trunk: TrunkSettings, transports: tuple[str, ...], family: int, names: Names) -> Located:
    """Where the carrier is. ``Unavailable`` says so where its name leads only to addresses of the other family."""
    try:
        return await find(trunk.target(transports, (family,)), names)
    except Unavailable as error:
        other = _OTHER[family]
        try:
            await find(trunk.target(transports, (other,)), names)
        except Unavailable:
            raise error from None
        raise Unavailable(
            f"{trunk.reached} 只有 IPv{other} 地址，而 [sip] host 只用 IPv{family} / "
            f"has addresses of IPv{other} only, and [sip] host speaks IPv{family}"
        ) from None


def _family(host: str) -> int:
    return 6 if ":" in host else 4


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
