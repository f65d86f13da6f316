"""The line of ``bench.centre``: one carrier, one number, one queue, and agents whose phones register."""

from pathlib import Path
from typing import Final

from bench.served.desk import PASSWORD
from bench.served.line import CARRIER, HOUSE, HTTP_PORT, RTP_PORTS
from bench.served.people import LINE_NUMBER, SIP_PORT

FIRST_AGENT: Final = 1000
QUEUE: Final = "desk"


def names(agents: int) -> list[str]:
    """Ids of so many agents."""
    return [str(FIRST_AGENT + number) for number in range(agents)]


def configuration(folder: Path, *, agents: int, workers: int, wrap_up_s: float, keep_as: str) -> str:
    """TOML. Every call is recorded; SIPp's phones know no OPTIONS and register once, so they are not asked and may stay
    for long.
    """
    people = "".join(
        f'[[agent]]\nid = "{name}"\npassword = "{PASSWORD.format(name)}"\nqueues = ["{QUEUE}"]\n'
        for name in names(agents)
    )
    return f"""
data_folder = "{folder / "data"}"
prompts = "{folder / "prompts"}"
[http]
host = "{HOUSE}"
port = {HTTP_PORT}
[sip]
host = "{HOUSE}"
phone_options_s = 0
max_expires_s = 7200
[media]
host = "{HOUSE}"
port_min = {RTP_PORTS[0]}
port_max = {RTP_PORTS[1]}
workers = {workers}
[asr]
enabled = false
[recording]
keep_as = "{keep_as}"
[[trunk]]
name = "carrier"
host = "{CARRIER}"
port = {SIP_PORT}
max_calls = 1000
[[number]]
number = "{LINE_NUMBER}"
to = "queue:{QUEUE}"
record = true
[[queue]]
name = "{QUEUE}"
max_length = 1000
max_wait_s = 3600
wrap_up_s = {wrap_up_s}
{people}
"""
