"""``line400 trunk``: questions become a table that the configuration takes, and a carrier is asked for real."""

import os
import socket
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.errors import ConfigError, Unavailable
from service import cli_trunk
from service.cli import app
from service.cli_trunk import check_table, knock, table
from service.clock import SystemClock
from service.config_model import Config, SipSettings
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Requested, SipEvent
from telephony.sip.hop import Hop
from telephony.sip.stack import SipStack
from telephony.trunk import TrunkSettings
from tests.dns_server import DnsServer

HERE = Hop("UDP", "127.0.0.1", 0)


def asked(*answers: str) -> str:
    result = CliRunner().invoke(app, ["trunk", "new"], input="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    return result.output


def test_by_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = asked("mobile", "n", "203.0.113.7", "", "", "203.0.113.0/28， 198.51.100.9", "4008001234", "60")
    made = text[text.index("[[trunk]]") : text.index("然后")]
    assert tomllib.loads(made)["trunk"] == [
        {
            "name": "mobile", "host": "203.0.113.7", "sources": ["203.0.113.0/28", "198.51.100.9"],
            "caller_id": "4008001234", "max_calls": 60,
        }
    ]  # fmt: skip


def test_by_registration_the_password_is_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = asked("my.net", "y", "sip.carrier.example", "", "auto", "4008001234", "", "", "")
    made = tomllib.loads(text[text.index("[[trunk]]") : text.rindex("密码")])["trunk"][0]
    assert (made["register"], made["user"], made["password"]) == (True, "4008001234", "env:TRUNK_MY_NET")
    assert made["transport"] == "auto" and "caller_id" not in made and "port" not in made


def test_what_cannot_be_is_said_as_by_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = "\n".join(["mobile", "n", "203.0.113.7", "", "carrier-pigeon", "", "", ""]) + "\n"
    result = CliRunner().invoke(app, ["trunk", "new"], input=given)
    assert result.exit_code == 2 and "transport" in result.output
    with pytest.raises(ConfigError, match="sources"):
        check_table(table({"name": "a", "host": "b", "sources": ["nowhere"]}))
    tricky = 'a"]\n[http]\nport = 1'
    with pytest.raises(ConfigError):
        check_table(table({"name": "a", "host": tricky}))


async def test_every_address_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_trunk, "ANSWER_S", 0.5)

    def carrier(event: SipEvent) -> None:
        if isinstance(event, Requested):
            far.answer_request(event.key, 404)

    far = SipStack(Endpoint([HERE], entropy=os.urandom), SystemClock(), [HERE])
    await far.start()
    far.subscribe(carrier)
    dead = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    dead.bind(("127.0.0.1", 0))
    with closing(dead):
        async with DnsServer("a.test. 60 IN A 127.0.0.1") as names:
            names.records += [
                f"_sip._udp.carrier.test. 60 IN SRV 10 0 {dead.getsockname()[1]} a.test.",
                f"_sip._udp.carrier.test. 60 IN SRV 20 0 {far.addresses[0].port} a.test.",
            ]
            server = f"{names.address[0]}:{names.address[1]}"
            config = Config(sip=SipSettings(host="127.0.0.1", name_servers=(server,)))
            tried = await knock(TrunkSettings("carrier", "carrier.test", port=0), config)
            assert [(one.hop.port, one.status) for one in tried] == [
                (dead.getsockname()[1], 0),
                (far.addresses[0].port, 404),  # any answer is one
            ]
            with pytest.raises(Unavailable, match="no such name"):
                await knock(TrunkSettings("carrier", "nobody.test", port=0), config)
    await far.close()


def test_a_trunk_that_is_not_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line400.toml").write_text("[[trunk]]\nname = 'a'\nhost = '127.0.0.1'\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["trunk", "try", "b"])
    assert result.exit_code == 2 and "known: a" in result.output
