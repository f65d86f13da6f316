from dataclasses import fields
from pathlib import Path

import pytest

from core.errors import ConfigError
from service import from_config
from service.config import LISTS, TABLES, load_config, read_config
from service.config_checks import CHECKS
from service.config_model import Config
from telephony.sip.locating import Target
from telephony.trunk import TrunkGroup
from tests.certificates import make_authority

GOOD = """
data_folder = "data"
[http]
port = 0
[sip]
advertised = "192.0.2.1"
[media]
advertised = "192.0.2.1"
[[trunk]]
name = "carrier"
host = "sip.carrier.example"
register = true
user = "4008001234"
password = "env:CARRIER"
sources = ["203.0.113.0/24"]
[[agent]]
id = "8001"
name = "王芳"
password = "secret of 8001"
queues = ["sales"]
[[agent]]
id = "8002"
address = "sip:8002@192.0.2.20"
[[queue]]
name = "sales"
agents = "*"
overflow = "voicemail:main"
[[hours]]
name = "main"
open = ["mon-fri 08:30-20:00"]
extra_closed = ["2026-02-14"]
[[number]]
number = "4008001234"
to = "queue:sales"
record = false
[[campaign]]
name = "visits"
trunk = "carrier"
caller_id = "4008001234"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "line400.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_config(write(folder, text), {})
    return caught.value.problems


def test_a_whole_file(tmp_path: Path) -> None:
    loaded = read_config(write(tmp_path, GOOD), {"CARRIER": "pw"})
    config = loaded.config
    assert config.data_folder == tmp_path / "data"
    assert config.http.port == 0
    assert config.trunks[0].password == "pw"
    assert config.trunks[0].expires_s == 600
    assert config.queues[0].agents == ("8001", "8002")
    assert config.numbers[0].record is False
    assert loaded.warnings == ()
    assert from_config.queues_of(config)[0].agents == ("8001", "8002")
    assert from_config.fixed_phones_of(config)["8002"].host == "192.0.2.20"


def test_defaults_work_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = read_config()
    assert loaded.config.data_folder == tmp_path / "var"
    assert loaded.config.numbers[0].to == "flow:main"
    assert "nobody can take calls" in loaded.warnings[0]
    write(tmp_path, '[[agent]]\nid = "1"\npassword = "x"\n')
    config = load_config()
    assert [agent.id for agent in config.agents] == ["1"]
    assert all(queue.agents == ("1",) for queue in config.queues)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("htp = 1", "line400.toml:1: htp: unknown key; did you mean 'http'?"),
        ("[sip]\nport = 1", "line400.toml:2: sip.port: unknown key; did you mean 'udp_port' or 'tcp_port'"),
        ("[http]\n\nprot = 1", "line400.toml:3: http.prot: unknown key; did you mean 'port'?"),
        ("[http]\nport = '1'", "line400.toml:2: http.port: must be a whole number, not a text"),
        ("[http]\nport = true", "line400.toml:2: http.port: must be a whole number, not true"),
        ("[http]\nport = 70000", "line400.toml:2: http.port: must be from 0 to 65535"),
        ("[http]\nhost = 'localhost'", "http.host: must be an IP address"),
        ("http = 1", "http: must be a table; write [http]"),
        ("[agent]\nid = '1'", "line400.toml:1: agent: must be a list; write [[agent]]"),
        ("agent = [1]", "agent[1]: must be a table"),
        ("zone = 'Mars'", "zone: no such time zone"),
        ("prompts = 5", "prompts: must be a path in quotes, not a number"),
        ("[sip]\nadvertised = '0.0.0.0'", "sip.advertised: cannot be 0.0.0.0"),
        ("[[trunk]]\nhost = 'h'", "line400.toml:1: trunk[1]: name is missing; every [[trunk]] needs it"),
        ("[[trunk]]\nname='a'\nhost='h'\ncodecs=['G729']", "trunk[1].codecs: 'G729': must be one of"),
        ("[[trunk]]\nname='a'\nhost='h'\nsources=['x']", "trunk[1].sources: 'x': must be an IP address"),
        ("[[trunk]]\nname='a'\nhost='h'\nregister=true", "registering needs user and password"),
        ("[[trunk]]\nname='a'\nhost='h'\npassword='env:NONE'", "environment variable NONE is not set"),
        ("[[agent]]\nid='8 1'\npassword='x'", "agent[1].id: must be 1 to 32 of"),
        ("[[agent]]\nid='1'", "needs either password"),
        ("[[agent]]\nid='1'\npassword='x'\n[[agent]]\nid='1'\npassword='y'", "line400.toml:4: agent[2]: there are two"),
        ("[[agent]]\nid='1'\npassword='x'\nqueues=['sale']", "there is no queue 'sale'; did you mean 'sales'?"),
        ("[[agent]]\nid='1'\naddress='8001@h'", "write an address such as sip:8001@"),
        ("[[queue]]\nname='sales'\nagents=['2']", "there is no agent '2'; known: none"),
        ("[[queue]]\nname='sales'\noverflow='queue:sales'", "leads back to the same queue"),
        ("[[queue]]\nname='sales'\noverflow='somewhere'", "is no destination; write one of flow:NAME"),
        ("[[queue]]\nname='sales'\nwrap_up_s=[1]", "must be a number, not a list"),
        ("[[hours]]\nname='x'\nopen=['someday 8-9']", "hours[1].open: open 'someday 8-9'"),
        ("[[hours]]\nname='x'\nextra_open=['2026-13-01']", "hours[1].extra_open"),
        ("[[number]]\nnumber='*'\nto='flow:mian'", "there is no flow 'mian'; did you mean 'main'?"),
        ("[[number]]\nnumber='*'\nto='agent:9'", "there is no agent '9'"),
        ("[[campaign]]\nname='a'\ntrunk='t'\ncaller_id='1'", "there is no trunk 't'"),
        ("[dialling]\ntrunk='t'", "line400.toml:2: dialling.trunk: there is no trunk 't'"),
        ("[dialling]\nring_timeout_s=1", "dialling.ring_timeout_s: must be from 5 to 180 seconds"),
        ("[features]\npause='52'", "features.pause: must be * and digits"),
        ("[features]\npause='*5'", "line400.toml:2: features.pause: *5 begins *51 (available)"),
        ("[features]\nresume='*52'", "features.pause: *52 begins *52 (resume)"),
        ("[[number]]\nnumber='*5100'\nto='flow:main'", "features.available: *51 begins the number *5100"),
        ("[media]\nport_min=20000\nport_max=20001", "every call takes four ports"),
        ("[[queue]]\nname='mine'", "flow main, nodes.sales: no queue 'sales'"),
        ("[[flow]]\nname='f'\nfile='none.toml'", "cannot be read"),
        ("prompts = 'nowhere'", "line400.toml:1: prompts: there is no folder"),
        ("data_folder = 'line400.toml'", "line400.toml:1: data_folder: "),
        ("data_folder = 'line400.toml/var'", "is a file, not a folder"),
        ('data_folder = "a\\u0000b"', "data_folder: must not hold control characters"),
        ("data_folder = '~nobody-here/var'", "there is no home folder ~nobody-here"),
        ("database = 'mysql://h/n'", "line400.toml:1: database: 'mysql' is not supported"),
        ("database = 'postgresql://h:port/n'", "database: not a URL"),
        ("[media]\nworkers=8\nport_min=20000\nport_max=20020", "10 pairs for 8 media workers"),
        ("[media]\nworkers=-1", "-1 is no worker here"),
        ("[media]\nworkers=-2", "media.workers: must be from -1 to 64"),
        ("[media]\nremote=['10.0.0.7']", "media.remote: '10.0.0.7': must be host:port"),
        ("[media]\nremote=['10.0.0.7:0']\nremote_secret='s'", "must name the port"),
        ("[media]\nremote=['10.0.0.7:7400']", "needs remote_secret"),
        ("[media]\nremote=['10.0.0.7:7400']\nremote_secret='none'", "media.remote_secret: cannot read the secret"),
        ("[http]\nport = " + "9" * 400, "http.port: must be from 0 to 65535"),
        ("[media]\nsilent_s = " + "9" * 400, "media.silent_s: must be a number"),
        ("[media]\nsilent_s = 1e400", "media.silent_s: must be a number from -1000000000000000 to 1000000000000000"),
        ("[http]\nport = " + "9" * 5000, "not well-formed TOML"),
        ("x = " + "[" * 3000, "nested too deep"),
        ("x = ", "not well-formed TOML"),
    ],
)
def test_every_fault_says_where_and_how_to_mend(tmp_path: Path, text: str, expected: str) -> None:
    assert any(expected in problem for problem in faults(tmp_path, text)), faults(tmp_path, text)


def test_all_faults_come_at_once_in_order(tmp_path: Path) -> None:
    found = faults(tmp_path, "[http]\nport = -1\nhos = 'x'\n[sip]\nrealm = ''\n")
    assert [problem.split(":")[1] for problem in found] == ["2", "3", "5"]


def test_a_survey_that_does_not_exist(tmp_path: Path) -> None:
    text = GOOD.replace('caller_id = "4008001234"', 'caller_id = "4008001234"\nsurvey = "none"').replace(
        "env:CARRIER", "x"
    )
    assert "survey 'none'" in faults(tmp_path, text)[0]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "none.toml")
    path = tmp_path / "latin.toml"
    path.write_bytes(b"zone = '\xe9'")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        read_config(path)


def test_warnings(tmp_path: Path) -> None:
    text = GOOD.replace("port = 0", 'host = "0.0.0.0"').replace("env:CARRIER", "x").replace('agents = "*"', "")
    warnings = " ".join(read_config(write(tmp_path, text), {}).warnings)
    assert "without encryption" in warnings
    assert "agent 8002: is in no queue" in warnings


def test_codecs_and_encryption(tmp_path: Path) -> None:
    assert "must be one of PCMA, PCMU, G722, opus" in faults(tmp_path, "[sip]\nphone_codecs = ['G729']")[0]
    assert "sip.phone_codecs: is empty" in faults(tmp_path, "[sip]\nphone_codecs = []")[0]
    assert "must be one of off, optional, required" in faults(tmp_path, "[sip]\nphone_encryption = 'yes'")[0]
    text = (
        "[sip]\nphone_encryption = 'optional'\n[[trunk]]\nname = 'a'\nhost = '203.0.113.5'\nencryption = 'required'\n"
    )
    warnings = " ".join(read_config(write(tmp_path, text), {}).warnings)
    assert "trunk a: its audio is encrypted, but the keys travel over udp" in warnings
    assert "sip.phone_encryption: phones send the keys over UDP or TCP" in warnings


def test_an_address_of_another_machine_and_unknown_holidays_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.check.announced_until", lambda: 2020)
    text = GOOD.replace("env:CARRIER", "x").replace("[media]\nadvertised =", "[media]\nhost =")
    warnings = read_config(write(tmp_path, text), {}).warnings
    assert len(warnings) == 2
    assert warnings[0].startswith("media.host 192.0.2.1 is not an address of this machine")
    assert warnings[1].startswith("hours main: Chinese public holidays are known up to 2020 only")


def test_tls_needs_a_certificate_that_can_be_read(tmp_path: Path) -> None:
    assert "needs tls_certificate" in faults(tmp_path, "[sip]\ntls_port = 5061")[0]
    (tmp_path / "house.pem").write_text("nothing")
    text = "[sip]\ntls_port = 5061\ntls_certificate = 'house.pem'"
    assert "house.pem cannot be used" in faults(tmp_path, text)[0]
    certificate = make_authority(tmp_path).sign("line400.example")
    config = read_config(write(tmp_path, f"[sip]\ntls_port = 0\ntls_certificate = '{certificate}'"), {}).config
    assert [hop.transport for hop in from_config.listen_of(config)] == ["UDP", "TCP", "TLS"]
    tls = from_config.tls_of(config)
    assert tls is not None and tls.certificate == certificate


@pytest.mark.parametrize(
    "host", ["sip:203.0.113.5", "203.0.113.5:5060", "999.1.1.1", "0.0.0.0", "239.1.1.1", "carrier .example", ""]
)
def test_what_is_no_host_of_a_carrier(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigError, match=r"toml:3: .*(must be a name such as|is no address of a carrier)"):
        read_config(write(tmp_path, f'[[trunk]]\nname = "c"\nhost = "{host}"\n'), {})


@pytest.mark.parametrize("host", ["sip.carrier.example", "sip.carrier.example.", "203.0.113.5", "2001:db8::5", "pbx_1"])
def test_what_is_one(tmp_path: Path, host: str) -> None:
    config = read_config(write(tmp_path, f'[[trunk]]\nname = "c"\nhost = "{host}"\n'), {}).config
    assert config.trunks[0].host == host


def test_a_trunk_leaves_port_and_transport_to_the_dns(tmp_path: Path) -> None:
    text = "[sip]\nname_servers = ['192.0.2.53', '127.0.0.1:5353']\n"
    text += "[[trunk]]\nname='a'\nhost='carrier.example'\ntransport='auto'\n"
    text += "[[trunk]]\nname='b'\nhost='carrier.example'\nport=5070\n"
    config = read_config(write(tmp_path, text), {}).config
    assert from_config.name_servers_of(config) == (("192.0.2.53", 53), ("127.0.0.1", 5353))
    auto, fixed = from_config.trunks_of(config)
    assert auto.target(("UDP",), (4,)) == Target("carrier.example", 0, "", ("UDP",), (4,))
    assert fixed.target(("UDP",), (4,)) == Target("carrier.example", 5070, "UDP", ("UDP",), (4,))
    assert (auto.uri_port, fixed.uri_port) == (None, 5070)
    with pytest.raises(ConfigError, match="IP address of a name server"):
        read_config(write(tmp_path, text.replace("127.0.0.1:5353", "dns.example")), {})


def test_more_certificates_lie_beside_the_configuration(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    first, second = authority.sign("a.example"), authority.sign("b.example")
    text = f"[sip]\ntls_port = 0\ntls_certificate = '{first.name}'\ntls_more = ['{second.name}']"
    tls = from_config.tls_of(read_config(write(tmp_path, text), {}).config)
    assert tls is not None and tls.more == (second,)
    assert "absent.pem" in faults(tmp_path, text.replace(second.name, "absent.pem"))[0]
    assert "list of paths" in faults(tmp_path, text.replace(f"['{second.name}']", "3"))[0]
    assert "no home folder ~nobody-here" in faults(tmp_path, text.replace(second.name, "~nobody-here/b.pem"))[0]


def test_websocket_ports_and_origins(tmp_path: Path) -> None:
    assert "needs tls_certificate" in faults(tmp_path, "[sip]\nwss_port = 5443")[0]
    assert "Origin" in faults(tmp_path, "[sip]\nws_origins = ['desk.example.com']")[0]
    certificate = make_authority(tmp_path).sign("line400.example")
    text = f"[sip]\nws_port = 0\nwss_port = 0\ntls_certificate = '{certificate}'\nws_origins = ['https://desk.example']"
    checked = read_config(write(tmp_path, text), {})
    assert [hop.transport for hop in from_config.listen_of(checked.config)] == ["UDP", "TCP", "WS", "WSS"]
    assert any(warning.startswith("sip.ws_port") for warning in checked.warnings)


def test_a_trunk_over_tls_has_its_own_usual_port(tmp_path: Path) -> None:
    trunks = "[[trunk]]\nname='a'\nhost='192.0.2.1'\n[[trunk]]\nname='b'\nhost='192.0.2.2'\ntransport='tls'\n"
    config = read_config(write(tmp_path, trunks), {}).config
    assert [str(trunk.hop) for trunk in from_config.trunks_of(config)] == ["udp:192.0.2.1:5060", "tls:192.0.2.2:5061"]


def test_trunk_groups(tmp_path: Path) -> None:
    two = "[[trunk]]\nname='a'\nhost='192.0.2.1'\n[[trunk]]\nname='b'\nhost='192.0.2.2'\n"
    good = two + "[[trunk_group]]\nname='all'\ntrunks=['a','b']\nweights=[3,1]\n"
    good += "[[campaign]]\nname='visits'\ntrunk='all'\ncaller_id='4001'\n"
    config = read_config(write(tmp_path, good), {}).config
    assert from_config.trunk_groups_of(config) == (TrunkGroup("all", ("a", "b"), (3, 1)),)
    for group, expected in (
        ("name='all'\ntrunks=['a','c']", "there is no trunk 'c'"),
        ("name='all'\ntrunks=['a','a']", "each only once"),
        ("name='all'\ntrunks=[]", "one trunk at least"),
        ("name='a'\ntrunks=['a']", "name of a trunk already"),
        ("name='all'\ntrunks=['a','b']\nweights=[1]", "as many numbers"),
        ("name='all'\ntrunks=['a','b']\nweights=['1','2']", "a list of whole numbers"),
        ("name='all'\ntrunks=['a','b']\nweights=[0,2]", "from 1 to 1000"),
    ):
        found = faults(tmp_path, f"{two}[[trunk_group]]\n{group}\n")
        assert any(expected in fault for fault in found), found
    assert "no group" in faults(tmp_path, "[[trunk]]\nname='a'\nhost='192.0.2.1'\ndial_rules=['(1) -> \\2']")[0]


def test_a_key_of_recordings_that_is_none_is_told_before_the_start(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("nonsense")
    text = "[recording]\nencrypt = true\nkey_file = 'key'"
    (tmp_path / "key").chmod(0o644)
    assert "recording.key_file: " in faults(tmp_path, text)[0] and "chmod 600" in faults(tmp_path, text)[0]
    (tmp_path / "key").chmod(0o600)
    assert "this is no key of recordings" in faults(tmp_path, text)[0]
    read_config(write(tmp_path, "[recording]\nencrypt = true\nkey_file = 'another'"), {})  # made at the first start
    (tmp_path / "file").write_text("")
    assert "is a file, not a folder" in faults(tmp_path, text.replace("'key'", "'file/key'"))[0]


def test_a_prompt_that_a_flow_needs_must_be_there(tmp_path: Path) -> None:
    flow = 'start = "a"\n[nodes.a]\nkind = "hangup"\nprompts = ["welcom"]\n'
    (tmp_path / "f.toml").write_text(flow, encoding="utf-8")
    found = faults(tmp_path, "[[flow]]\nname='f'\nfile='f.toml'\n[[number]]\nnumber='*'\nto='flow:f'")
    assert "flow f, nodes.a: no prompt 'welcom', did you mean welcome?" in found[0]


def test_every_check_is_of_a_key_that_exists() -> None:
    known = {("", "zone"), ("", "drain_s"), ("", "log_level"), ("", "loop_watch_ms")}
    known |= {(table, field.name) for table, kind in TABLES.items() for field in fields(kind)}
    known |= {(table, field.name) for table, (_, kind) in LISTS.items() for field in fields(kind)}
    assert set(CHECKS) <= known


def test_every_field_of_the_model_can_be_written() -> None:
    written = {
        "data_folder",
        "zone",
        "database",
        "drain_s",
        "log_level",
        "loop_watch_ms",
        "prompts",
        *TABLES,
        *(field for field, _ in LISTS.values()),
    }
    assert written == {field.name for field in fields(Config)}
