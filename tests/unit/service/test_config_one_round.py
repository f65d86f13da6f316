"""``line400 check`` tells all faults at once, and of those that come of one another only the first."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from service.config import read_config
from service.config_surroundings import missing_model
from tests.unit.service.test_config import GOOD, faults, write

STAGES = """
zone = "Mars"
[http]
prot = 1
[sip]
udp_port = 70000
tls_port = 5061
[media]
port_min = 20000
port_max = 20001
[asr]
model = "nobody-has-this"
[dialling]
trunk = "carier"
[[trunk]]
name = "carrier"
register = true
max_calls = 0
[[trunk]]
name = "other"
host = "other.test"
register = true
weight = 1
[[agent]]
id = "8 1"
password = "phone-8001-x"
queues = ["sales", "sale"]
[[queue]]
name = "sales"
wrap_up_s = -1
overflow = "queue:sales"
music = ["no-such-prompt"]
[[number]]
number = "*"
to = "flow:mine"
[[flow]]
name = "mine"
file = "mine.toml"
[[campaign]]
name = "a"
trunk = "carrier"
caller_id = "4008001234"
survey = "nobody-asks-this"
"""
FOUND = (
    "zone: no such time zone",
    "http.prot: unknown key",
    "sip.udp_port: must be from -1",
    "sip.tls_port: needs tls_certificate",
    "every call takes four ports",
    "[asr] model 'nobody-has-this'",
    "dialling.trunk: there is no trunk 'carier'; did you mean 'carrier'?",
    "trunk[1]: host is missing",
    "trunk[1].max_calls: must be from 1",
    "trunk[1].register: registering needs user and password",
    "trunk[2].weight: unknown key",
    "trunk[2].register: registering needs user and password",
    "agent[1].id: must be 1 to 32 of",
    "agent[1].queues: there is no queue 'sale'",
    "queue[1].wrap_up_s: must be from 0",
    "queue[1].overflow: leads back to the same queue",
    "queue[1].music: there is no prompt 'no-such-prompt'",
    "mine.toml: cannot be read",
    "survey 'nobody-asks-this': there is none of that name",
)


def test_faults_of_every_stage_are_told_in_one_round(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(write(tmp_path, STAGES), {}, missing_model)
    problems = caught.value.problems
    assert [words for words in FOUND if not any(words in problem for problem in problems)] == []
    assert len(problems) == len(FOUND), problems


@pytest.mark.parametrize(
    ("text", "only"),
    [
        # the name is there, but is none
        ("[[trunk]]\nname='a b'\nhost='h'\n[dialling]\ntrunk='a b'", "trunk[1].name: must be a name"),
        ("[[trunk]]\nnmae='a'\nhost='h'\n[dialling]\ntrunk='a'", "nmae: unknown key"),
        ("[[trunk]]\nname='a'\nhost='h'\nregister=true\nuser=8001\npassword='x'", "user: must be a text"),
        ("[[trunk]]\nname='a'\nhost='h'\nregister=true\nuser='8001'\npassword='env:NONE'", "NONE is not set"),
        ("[[agent]]\nid='1'\naddress='8001@h'", "write an address"),
        ("[sip]\nmax_expires_s=10\nmin_expires_s=400", "max_expires_s: must be from 60"),
        ("[[alarm]]\nname='a'\nkind='b'\n[[alarm]]\nname='c'\nkind='no_agents'\nqueue='sales'", "kind: must be one of"),
        ("[queue]\nname='sales'\n[[agent]]\nid='1'\npassword='phone-1-x'\nqueues=['sales']", "queue: must be a list"),
        ("[sip]\nhost='localhost'\n[media]\nhost='-7'", "host: must be an IP address"),
        (
            "[callback]\ntrunk=5\n[[queue]]\nname='q'\ncallback_key='1'\n[[number]]\nnumber='*'\nto='queue:q'",
            "callback.trunk: must be a text",
        ),
        ("[media]\nport_max=70000\nport_min=69000", "port_m"),
    ],
)  # fmt: skip
def test_what_comes_of_another_fault_is_not_told(tmp_path: Path, text: str, only: str) -> None:
    problems = [problem for problem in faults(tmp_path, text) if "is missing" not in problem]
    assert all(only in problem for problem in problems), problems


@pytest.mark.parametrize("value", ["-7", '"?! "', "[[]]"])
def test_no_wrong_value_stands_in_the_way_of_the_checks(tmp_path: Path, value: str) -> None:
    """Every value in turn is wrong; what is checked after it must bear it."""
    lines = GOOD.splitlines()
    for place, line in enumerate(lines):
        key, equals, _ = line.partition("=")
        if not equals:
            continue
        changed = [*lines[:place], f"{key}= {value}", *lines[place + 1 :]]
        try:
            read_config(write(tmp_path, "\n".join(changed)), {"CARRIER": "pw"})
        except ConfigError as error:
            assert error.problems
