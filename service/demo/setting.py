"""The demonstration's configuration: free loopback ports, one carrier, two agents, five queues, two campaigns."""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.demo.people import AGENTS

SERVICE_HOST: Final = "127.0.0.1"
CARRIER_HOST: Final = "127.0.0.2"
"""The carrier calls from an address of its own, by which the service knows it."""
LINE: Final = "4008001234"
CAMPAIGN: Final = "service-return-visit"
NOTICE: Final = "service-due"
PASSWORD: Final = "demo-phone"


@dataclass(frozen=True, slots=True)
class Ports:
    """Free ports of this moment."""

    http: int
    sip: int
    carrier: int


def free_ports() -> Ports:
    """Ask the system for three."""
    return Ports(
        http=_free(SERVICE_HOST, socket.SOCK_STREAM),
        sip=_free(SERVICE_HOST, socket.SOCK_DGRAM),
        carrier=_free(CARRIER_HOST, socket.SOCK_DGRAM),
    )


def _free(host: str, kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def write_config(folder: Path, ports: Ports) -> Path:
    """Write ``line400.toml`` into ``folder``."""
    queues = {
        "sales": "购车咨询",
        "service": "保养维修",
        "tradein": "旧车置换",
        "complaint": "投诉建议",
        "general": "人工服务",
    }
    agents = ", ".join(f'"{agent.id}"' for agent in AGENTS)
    text = f"""# Written by `line400 demo`.
data_folder = "{folder / "data"}"

[http]
host = "{SERVICE_HOST}"
port = {ports.http}

[sip]
host = "{SERVICE_HOST}"
udp_port = {ports.sip}
tcp_port = {ports.sip}

[media]
host = "{SERVICE_HOST}"

[asr]
models_folder = "{Path("var/models").absolute()}"

[[trunk]]
name = "carrier"
host = "{CARRIER_HOST}"
port = {ports.carrier}
caller_id = "{LINE}"

[[number]]
number = "{LINE}"
to = "flow:main"

[[campaign]]
name = "{CAMPAIGN}"
trunk = "carrier"
caller_id = "{LINE}"
concurrency = 2
hours = ["daily 00:00-24:00"]

[[campaign]]                    # a notice, ready to play; it needs a list and a start
name = "{NOTICE}"
trunk = "carrier"
caller_id = "{LINE}"
survey = "service_due"
"""
    for name, title in queues.items():
        text += f"""
[[queue]]
name = "{name}"
title = "{title}"
agents = [{agents}]
wrap_up_s = 2
"""
    for agent in AGENTS:
        text += f"""
[[agent]]
id = "{agent.id}"
name = "坐席{agent.id}"
password = "{PASSWORD}"
"""
    path = folder / "line400.toml"
    path.write_text(text, encoding="utf-8")
    return path
