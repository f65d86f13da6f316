"""The configuration of a line under load: one carrier, one number, one queue, and agents who are all in it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bench.loopback import own_host
from bench.served.people import LINE_NUMBER, SIP_PORT

HOUSE: Final = own_host(0)
CARRIER: Final = own_host(1)
DESK: Final = own_host(2)
RTP_PORTS: Final = (20000, 29999)
HTTP_PORT: Final = 8400
QUEUE: Final = "desk"
FIRST_AGENT: Final = 1000


def names(agents: int) -> list[str]:
    """Ids of so many agents."""
    return [str(FIRST_AGENT + number) for number in range(agents)]


def fixed_phones(agents: int) -> str:
    """TOML: agents whose phones need not register."""
    return _agents((name, f'address = "sip:{name}@{DESK}:{SIP_PORT}"') for name in names(agents))


def registering_phones(agents: int, password: str) -> str:
    """TOML: agents whose phones register; ``password`` has {} for the agent's id."""
    return _agents((name, f'password = "{password.format(name)}"') for name in names(agents))


def _agents(listed: Iterable[tuple[str, str]]) -> str:
    return "".join(f'[[agent]]\nid = "{name}"\n{phone}\nqueues = ["{QUEUE}"]\n' for name, phone in listed)


def configuration(
    folder: Path,
    phones: str,
    *,
    workers: int,
    to: str = f"queue:{QUEUE}",
    record: bool = True,
    keep_as: str = "wav",
    wrap_up_s: float = 0.0,
    recognition: str = "enabled = false",
    sip: str = "",
    media: str = "",
    queue: str = "",
    more: str = "",
) -> str:
    """TOML. ``phones`` are the agents; ``sip``, ``media`` and ``queue`` further keys of those tables (``recognition``:
    all of its table), ``more`` further tables.
    """
    return f"""
data_folder = "{folder / "data"}"
prompts = "{folder / "prompts"}"
[http]
host = "{HOUSE}"
port = {HTTP_PORT}
[sip]
host = "{HOUSE}"
{sip}
[media]
host = "{HOUSE}"
port_min = {RTP_PORTS[0]}
port_max = {RTP_PORTS[1]}
workers = {workers}
{media}
[asr]
{recognition}
[recording]
keep_as = "{keep_as}"
[[trunk]]
name = "carrier"
host = "{CARRIER}"
port = {SIP_PORT}
max_calls = 1000
[[number]]
number = "{LINE_NUMBER}"
to = "{to}"
record = {str(record).lower()}
[[queue]]
name = "{QUEUE}"
max_length = 1000
wrap_up_s = {wrap_up_s:g}
{queue}
{phones}
{more}
"""
