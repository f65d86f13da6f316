"""``line400 media-worker``: media workers on this machine for a control process on another."""

import asyncio
import os
import signal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from core.errors import ParseError, Unavailable
from service.addresses import is_ours, reachable
from service.cli_common import out, told
from service.from_config import default_workers
from service.logs import LogLevel, set_up_logs
from telephony.media.handshake import read_secret
from telephony.media.host import HostSettings, MediaHost
from telephony.media.remote import place_of


def media_worker(
    listen: Annotated[str, typer.Option(help="控制端连接的地址 / where control connects, HOST:PORT (an IP address)")],
    secret_file: Annotated[Path, typer.Option(help="共享密钥文件 / the file with the shared secret, mode 600")],
    host: Annotated[str, typer.Option(help="RTP 地址 / IP address for RTP")] = "0.0.0.0",
    advertised: Annotated[str, typer.Option(help="SDP 中的地址 / IP address in SDP")] = "",
    ports: Annotated[str, typer.Option(help="RTP 端口 / UDP ports for RTP, LOW-HIGH")] = "20000-29999",
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="进程数，0 为核数减一 / processes; 0: one per core but one")
    ] = 0,
    log_level: Annotated[LogLevel, typer.Option(help="日志级别 / how much is logged")] = LogLevel.INFO,
) -> None:
    """为另一台机器提供媒体进程 / Run media workers for a service on another machine, until SIGTERM."""
    set_up_logs(log_level, sip_trace=False)
    with told():
        settings = _settings(listen, secret_file, host, advertised, ports, workers)
        asyncio.run(_run(settings))


def _settings(listen: str, secret_file: Path, host: str, advertised: str, ports: str, workers: int) -> HostSettings:
    try:
        place = place_of(listen)
        for address in (place[0], host, *filter(None, [advertised])):
            ip_address(address)
        if not is_ours(host):
            raise ParseError(f"--host {host} is not an address of this machine: no RTP port can be opened there")
        low, _, high = ports.partition("-")
        if not (low.isdecimal() and high.isdecimal()):
            raise ParseError(f"--ports {ports}: write the first and the last, such as 20000-29999")
        return HostSettings(
            host=place[0],
            port=place[1],
            secret=read_secret(secret_file),
            bind_host=host,
            advertised=advertised or reachable(host),
            port_range=(int(low), int(high)),
            workers=workers or default_workers(),
        )
    except (ParseError, ValueError) as error:
        raise Unavailable(f"cannot run media workers: {error}") from None


async def _run(settings: HostSettings) -> None:
    try:
        host = MediaHost(settings)
    except ValueError as error:
        raise Unavailable(f"cannot run media workers: {error}") from None
    port = await host.start()
    out.print(f"媒体主机就绪 / media host ready: {settings.host}:{port}, {settings.workers} workers, pid {os.getpid()}")
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.set)
    await done.wait()
    await host.close()
