"""``line400 trunk``: questions become a table that the configuration takes, and a carrier is asked for real."""

import os
import socket
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.errors import ConfigError, Unavailable
from service import cli_trunk, cli_trunk_new
from service.cli import app
from service.cli_trunk import Tried, knock
from service.cli_trunk_new import check_table, table
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
    text = asked("my.net", "y", "sip.carrier.example", "", "auto", "4008001234", "", "", "", "", "")
    made = tomllib.loads(text[text.index("[[trunk]]") : text.rindex("密码")])["trunk"][0]
    assert (made["register"], made["user"], made["password"]) == (True, "4008001234", "env:TRUNK_MY_NET")
    assert made["transport"] == "auto" and not made.keys() & {"caller_id", "port", "auth_user", "proxy"}


def test_an_account_of_ims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    private = "+8640012345@ims.carrier.example"
    text = asked(
        "ims", "y", "ims.carrier.example", "", "", "+8640012345",
        "two words", private,
        "sip:203.0.113.7", "203.0.113.7",
        "", "+8640012345", "",
    )  # fmt: skip
    made = tomllib.loads(text[text.index("[[trunk]]") : text.rindex("密码")])["trunk"][0]
    assert (made["user"], made["auth_user"], made["proxy"]) == ("+8640012345", private, "203.0.113.7")
    assert "a name such as +86" in text and "without sip:" in text


def test_each_answer_is_looked_at_as_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line400.toml").write_text("[[trunk]]\nname = 'mobile'\nhost = '203.0.113.9'\n", encoding="utf-8")
    text = asked(
        "mobile", "my carrier", "carrier",  # one is in use, a name has no spaces
        "perhaps", "y",
        "sip:203.0.113.7", "203.0.113.7",
        "70000", "5o60", "5070",
        "carrier-pigeon", "tcp",
        "4008001234@carrier.example", "a>b", "4008001234", "", "",
        "0.0.0.0/0", "203.0.113.0/28, nowhere", "203.0.113.0/28",
        "boss", "4008001234",
        "0", "60",
    )  # fmt: skip
    made = tomllib.loads(text[text.index("[[trunk]]") : text.rindex("密码")])["trunk"]
    assert made == [
        {
            "name": "carrier", "host": "203.0.113.7", "port": 5070, "transport": "tcp", "register": True,
            "user": "4008001234", "password": "env:TRUNK_CARRIER", "sources": ["203.0.113.0/28"],
            "caller_id": "4008001234", "max_calls": 60,
        }
    ]  # fmt: skip
    for why in (
        "has a trunk of that name", "a name of letters", "a name such as sip.carrier", "from 0 to 65535",
        "a whole number", "one of udp, tcp, tls, auto", "the user name alone",
        "strangers could call", "'nowhere': must be an IP address",
        "a number of digits", "from 1 to 10000",
    ):  # fmt: skip
        assert why in text


def test_no_answer_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    left = CliRunner().invoke(app, ["trunk", "new"], input="mobile\nn\n203.0.113.7\n")
    assert left.exit_code == 1 and 'name = "mobile"\nhost = "203.0.113.7"' in left.output
    tables = []

    def check(text: str, variable: str = "") -> None:
        tables.append(text)
        if "max_calls = 30" in text:
            raise ConfigError(["trunk.toml:5: trunk[1].max_calls: too many"])

    monkeypatch.setattr(cli_trunk_new, "check_table", check)
    answers = ["mobile", "y", "203.0.113.7", "5070", "tcp", "line", "", "", "198.51.100.9", "4008001234", ""]
    text = asked(*answers, *[""] * 10, "20")
    assert "max_calls: too many" in text and "Enter keeps" in text
    assert tables[1] == tables[0].replace("max_calls = 30", "max_calls = 20"), "Enter has kept all the others"


def test_what_cannot_be_is_said_as_by_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
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


async def test_a_carrier_of_the_other_family_is_called_that() -> None:
    config = Config(sip=SipSettings(host="127.0.0.1"))
    (tried,) = await knock(TrunkSettings("carrier", "[2001:db8::5]", port=5060), config)
    assert tried == Tried(Hop("UDP", "2001:db8::5", 5060), 0, 0.0, foreign=True)
    assert "an address of IPv6, and [sip] host speaks IPv4 only" in tried.said()
    async with DnsServer("six.test. 60 IN AAAA 2001:db8::5") as names:
        server = f"{names.address[0]}:{names.address[1]}"
        config = Config(sip=SipSettings(host="127.0.0.1", name_servers=(server,)))
        with pytest.raises(Unavailable, match="addresses of IPv6 only"):
            await knock(TrunkSettings("carrier", "six.test", port=5060), config)


def test_a_trunk_that_is_not_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line400.toml").write_text("[[trunk]]\nname = 'a'\nhost = '127.0.0.1'\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["trunk", "try", "b"])
    assert result.exit_code == 2 and "known: a" in result.output
