"""What ``line400 check`` says of SIP, carriers and phones: faults with their mend, warnings where they belong."""

import re
from pathlib import Path

import pytest

from core.errors import ConfigError
from service.config import read_config
from service.config_addresses import how_wide
from service.config_checks import CHECKS

IPV4_LINE = """
[sip]
udp_port = 25060  # ! among the ports of voice
tcp_port = -1
tls_verify_clients = true  # ! does nothing without tls_certificate
ws_origins = ["https://desk.example"]  # ! wss_port and ws_port are off
advertised = "192.0.2.1"  # ! media.advertised is not
[dialling]
allowed = [
  "+852",  # ! +852 is in refused too
  "168",
]
refused = [
  "+852",
  "00",  # ! nobody outside could be called
]
[security]
burst = 5  # ! drops requests of phones that start
lockout_max_s = 2  # ! try 43,200 a day for each phone
phone_networks = [
  "::/0",  # ! is all of IPv6, so it keeps nobody out
  "198.51.100.0/24",  # ! meets 198.51.100.0/25 of trunk fixed
  "10.0.0.0/8",
]
[[trunk]]
name = "open"
host = "203.0.113.5"
sources = ["203.0.113.0/28", "0.0.0.0/0"]  # ! 0.0.0.0/0 is all of IPv4: whoever calls from there is taken for open
[[trunk]]
name = "fixed"
host = "2001:db8::5"  # ! no call can go there
sources = ["198.51.100.0/25"]
transport = "tcp"  # ! sip.tcp_port is off
user = "line"  # ! has no password
outbound = true  # ! does nothing without register
from_account = true  # ! shows it nowhere else
[[trunk]]
name = "twin"
host = "203.0.113.5"  # ! calls of twin and of open come from 203.0.113.5, and nothing tells them apart
password = "pw"  # ! does nothing without user
[[agent]]
id = "b8001"
password = "B8001"  # ! the first that strangers try
networks = ["::/0"]  # ! the phone of b8001 may be there, whatever
[[agent]]
id = "8002"
password = "1234567"  # ! has 7 characters
codecs = ["PCMA", "PCMU", "PCMA"]  # ! names PCMA twice
[[agent]]
id = "8008"
password = "23456789"  # ! among the first that strangers try
[[agent]]
id = "8009"
password = "8888888866"  # ! among the first that strangers try
[[agent]]
id = "8010"
address = "sip:8010@192.0.2.9;transport=tls"  # ! is reached by tls, but sip.tls_port is off
[[agent]]
id = "8011"
address = "sip:8011@192.0.2.9"
networks = ["10.0.0.0/8"]  # ! does nothing for a phone that does not register
[[agent]]
id = "8012"
address = "sip:8011@192.0.2.9"  # ! is that of 8011 too: one phone rings for both
[[agent]]
id = "8013"
password = "env:PHONE"
[[agent]]
id = "8014"
password = "env:PHONE"  # ! is that of 8013 too: who knows the one can call as the other
[[agent]]
id = "8003"
address = "sip:8003@198.51.100.9"  # ! in sources of trunk fixed
[[agent]]
id = "8004"
address = "sip:8004@[2001:db8::9]"  # ! can never ring
"""
LOOPBACK_LINE = """
[sip]
host = "127.0.0.1"  # ! heard on this machine only, and trunk away is at 203.0.113.5
[dialling]
allowed = ["00"]  # ! 00 is every country of the world
[security]
blocked = ["0.0.0.0/2"]  # ! is 1/4 of all of IPv4
[[trunk]]
name = "here"
host = "127.0.0.2"
[[trunk]]
name = "us"
host = "127.0.0.1"  # ! 127.0.0.1, port 5060, is this line itself
[[trunk]]
name = "beside-us"
host = "127.0.0.1"
port = 5070
[[trunk]]
name = "away"
host = "203.0.113.5"
[[agent]]
id = "8005"
address = "sip:8005@10.0.0.9"  # ! is in [security] blocked
[[agent]]
id = "8006"
address = "sip:8006@127.0.0.1"  # ! is this line itself
[[agent]]
id = "8007"
address = "sip:8007@127.0.0.1:5062"
"""
DEAF_LINE = """
[sip]
advertised = "127.0.0.1"  # ! means to everybody his own machine
[media]
host = "127.0.0.1"  # ! they would hear nothing
[[agent]]
id = "8001"
password = "env:PHONE"
"""
RIGHT = """
[sip]
host = "::"
ws_port = 5080
ws_origins = ["https://desk.example"]
[media]
host = "::"
[security]
blocked = ["2001:db8:6::/48"]
phone_networks = ["fc00::/7"]
[[trunk]]
name = "by-number"
host = "2001:db8::5"
caller_id = "4008001234"
[[trunk]]
name = "by-other-number"
host = "[2001:DB8::5]"
caller_ids = ["4008005678"]
[[trunk]]
name = "first-account"
host = "SIP.carrier.example."
register = true
user = "+862161234567"
password = "pw"
from_account = true
identity = "asserted"
[[trunk]]
name = "second-account"
host = "sip.carrier.example"
register = true
user = "line#2"
password = "pw"
[[trunk]]
name = "other-port"
host = "sip.carrier.example"
port = 5070
[[agent]]
id = "8001"
password = "env:PHONE"
networks = ["2001:db8:7::/48"]
"""


def read(folder: Path, text: str) -> list[str]:
    """The warnings that name a line."""
    path = folder / "line400.toml"
    path.write_text(text, encoding="utf-8")
    warnings = read_config(path, {"PHONE": "secret of a phone"}).warnings
    return [warning for warning in warnings if warning.startswith("line400.toml:")]


def faults(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize("text", [IPV4_LINE, LOOPBACK_LINE, DEAF_LINE])
def test_what_works_otherwise_than_meant_is_warned_of_where_it_stands(tmp_path: Path, text: str) -> None:
    lines = list(enumerate(text.splitlines(), 1))
    expected = [(number, said[1]) for number, line in lines if (said := re.search(r"# ! (.*)", line))]
    told = read(tmp_path, text)
    assert len(told) == len(expected), "\n".join(told)
    for warning, (number, said) in zip(told, expected, strict=True):
        assert warning.startswith(f"line400.toml:{number}: ") and said in warning, (said, warning)
    assert re.match(r"line400.toml:\d+: [a-z_]+(\[\d+\])?\.[a-z_]+(\[\d+\])?: ", told[0]), "the key is named"


def test_what_is_as_it_should_be_is_not_warned_of(tmp_path: Path) -> None:
    assert read(tmp_path, RIGHT) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[sip]\nhost = '::1'\n[media]\nhost = '127.0.0.1'", ":2: sip.host: sip.host ::1 is of IPv6 and media.host"),
        ("[sip]\nhost = '::'", ":2: sip.host: sip.host :: is of IPv6 and media.host 0.0.0.0 of IPv4"),
        ("[media]\nhost = '::'", ":2: media.host: sip.host 0.0.0.0 is of IPv4 and media.host :: of IPv6"),
        ("[sip]\nadvertised = '2001:db8::1'", ":2: sip.advertised: 2001:db8::1 is of IPv6, but sip.host 0.0.0.0"),
        ("[media]\nadvertised = '2001:db8::1'", ":2: media.advertised: 2001:db8::1 is of IPv6"),
        ("[sip]\nws_port = 5060", ":2: sip.ws_port: is 5060, and so is sip.tcp_port"),
        ("[http]\nport = 5060", ":2: http.port: http.port is 5060, and so is sip.tcp_port"),
        ("[sip]\ntcp_port = 8400", ":2: sip.tcp_port: http.port is 8400, and so is sip.tcp_port"),
        ("[sip]\nudp_port = -1\ntcp_port = -1", ":2: sip.udp_port: is off, and so are all other ports"),
        (
            "[[agent]]\nid='1'\naddress='sip:1@h;transport=ws'",
            ":3: agent[1].address: transport must be udp, tcp or tls",
        ),
        ("[[trunk]]\nname='a'\nhost='h'\ncaller_ids=['4001', '']", ":4: trunk[1].caller_ids: '': must be a number"),
        ("[sip]\ndigest = []", ":2: sip.digest: is empty"),
        ("[sip]\nrealm = 'a\"b'", ":2: sip.realm: must be a name"),
        ("[[trunk]]\nname='a'\nhost='h'\nuser=\"a\\r\\nb\"", ":4: trunk[1].user: must not hold control characters"),
        ("[[trunk]]\nname='a'\nhost='h'\narrival_rules=['(?=1)1 -> 2']", ":4: trunk[1].arrival_rules: '(?=1)1 -> 2'"),
    ],
)
def test_what_cannot_work_is_refused_with_its_mend(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in faults(tmp_path, text)


def test_an_account_is_registered_once(tmp_path: Path) -> None:
    account = '[[trunk]]\nname = "{}"\nhost = "{}"\nregister = true\nuser = "line"\npassword = "pw"\n'
    twice = account.format("a", "sip.carrier.example") + account.format("b", "SIP.carrier.example.")
    assert "trunk[2].user: registers line at" in faults(tmp_path, twice)
    assert read(tmp_path, twice.replace("SIP.", "other.")) == []
    assert read(tmp_path, twice + "port = 5070\n") == [], "two registrars of one domain"


def test_trunks_behind_the_same_network_are_told_apart_or_warned_of(tmp_path: Path) -> None:
    two = '[[trunk]]\nname = "a"\nhost = "a.example"\nsources = ["203.0.113.0/28"]\n'
    two += '[[trunk]]\nname = "b"\nhost = "b.example"\nsources = ["203.0.113.5/28"]\n'
    (warning,) = read(tmp_path, two)
    assert warning.startswith("line400.toml:8: trunk[2].sources: calls of b and of a come from 203.0.113.0/28")
    assert read(tmp_path, two.replace("203.0.113.5/28", "203.0.113.5")) == [], "named more exactly"
    told_apart = two.replace('name = "a"', 'name = "a"\ncaller_id = "4001"') + 'caller_id = "4002"\n'
    assert read(tmp_path, told_apart) == []


@pytest.mark.parametrize("text", ["a>b", "a b", "<a", 'a"b', "a'b", "a;b", "a@b", "a\\b", "a,b", "号码", "a%b", "a:b"])
def test_no_user_or_number_breaks_a_header(text: str) -> None:
    for key in (
        ("trunk", "user"), ("trunk", "caller_id"), ("agent", "id"), ("number", "number"), ("campaign", "caller_id"),
        ("callback", "caller_id"), ("probe", "caller_id"), ("probe", "number"),
    ):  # fmt: skip
        assert CHECKS[key](text) is not None, key
    for key in (("trunk", "caller_ids"), ("trunk", "dial_rules"), ("dialling", "allowed")):
        assert CHECKS[key]((text,)) is not None, key


@pytest.mark.parametrize("user", ["", "4008001234", "+862161234567", "line#2", "a.b_c-d~e!f$g&h=i/j*"])
def test_what_carriers_call_their_users(user: str) -> None:
    assert CHECKS["trunk", "user"](user) is None


def test_how_wide_a_network_is() -> None:
    assert how_wide("0.0.0.0/0") == "all of IPv4" and how_wide("::/0") == "all of IPv6"
    assert how_wide("128.0.0.0/1") == "1/2 of all of IPv4"
    assert [how_wide(text) for text in ("10.0.0.0/8", "203.0.113.7", "fc00::/7", "2001:db8::/32")] == [""] * 4
