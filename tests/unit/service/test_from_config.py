"""From the configuration to each room's values."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from service import from_config as values
from service.config_carriers import TrunkConfig
from service.config_media import AsrSettings, MediaSettings, RecordingSettings
from service.config_model import (
    AgentConfig,
    CampaignConfig,
    Config,
    FlowConfig,
    HoursConfig,
    QueueConfig,
)
from telephony.sdp.sdes import Encryption
from telephony.sip.hop import Hop


def test_folders_follow_the_data_folder_unless_named() -> None:
    plain = Config(data_folder=Path("/srv/line400"))
    assert values.database_url(plain) == "sqlite:////srv/line400/line400.db"
    assert values.recordings_folder(plain) == Path("/srv/line400/recordings")
    assert values.models_folder(plain) == Path("/srv/line400/models")
    named = Config(
        database="postgresql://db/line400",
        recording=RecordingSettings(Path("/big/rec")),
        asr=AsrSettings(models_folder=Path("/models")),
    )
    assert values.database_url(named) == "postgresql://db/line400"
    assert values.recordings_folder(named) == Path("/big/rec")
    assert values.models_folder(named) == Path("/models")
    assert values.zone_of(plain).key == "Asia/Shanghai"


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 1), (8, 7), (None, 1)])
def test_the_number_of_media_workers_follows_the_cores(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, workers: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert values.media_workers(Config()) == workers
    assert values.media_workers(Config(media=MediaSettings(workers=3))) == 3
    assert values.media_workers(Config(media=MediaSettings(workers=-1))) == 0


def test_media_workers_on_other_machines(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef\n")
    secret.chmod(0o600)
    media = MediaSettings(remote=("10.0.0.7:7400", "[2001:db8::7]:7401"), remote_secret=secret)
    found = values.remote_workers(Config(media=media))
    assert [(worker.host, worker.port, worker.secret) for worker in found] == [
        ("10.0.0.7", 7400, b"0123456789abcdef"),
        ("2001:db8::7", 7401, b"0123456789abcdef"),
    ]
    assert values.remote_workers(Config()) == ()


def test_trunks() -> None:
    trunk = TrunkConfig(
        "carrier",
        "203.0.113.5",
        5070,
        "tcp",
        ("10.0.0.0/8",),
        True,
        "line",
        "secret",
        900,
        "400",
        ("PCMU",),
        "optional",
        7,
        "e164",
    )
    (made,) = values.trunks_of(Config(trunks=(trunk,)))
    assert made.hop == Hop("TCP", "203.0.113.5", 5070)
    assert (made.sources, made.register, made.expires_s, made.caller_id, made.terms.codecs, made.max_calls) == (
        ("10.0.0.0/8",), True, 900, "400", ("PCMU",), 7,
    )  # fmt: skip
    assert made.dial_format == "e164"
    assert made.terms.encryption is Encryption.OPTIONAL
    assert made.credentials is not None and made.credentials.user == "line"


def test_an_account_behind_a_proxy_that_another_name_proves() -> None:
    account = TrunkConfig(
        "ims", "ims.carrier.example", port=5080, register=True, user="+8640012345", password="secret",
        proxy="203.0.113.5", auth_user="+8640012345@ims.carrier.example",
    )  # fmt: skip
    (made,) = values.trunks_of(Config(trunks=(account,)))
    assert (made.host, made.reached, made.hop) == (
        "ims.carrier.example", "203.0.113.5", Hop("UDP", "203.0.113.5", 5080),
    )  # fmt: skip
    assert made.uri_port is None, "the port is the proxy's"
    assert made.credentials is not None and made.credentials.user == "+8640012345@ims.carrier.example"


def test_agents_belong_to_queues_from_either_side_once() -> None:
    config = Config(
        agents=(
            AgentConfig("101", queues=("sales",)),
            AgentConfig("102", queues=("sales", "parts")),
            AgentConfig("103"),
        ),
        queues=(
            QueueConfig("sales", agents=("102", "103"), max_wait_s=0, max_length=0, overflow=("voicemail:main",)),
            QueueConfig("parts", misses_before_pause=4, service_level_s=15),
        ),
    )
    sales, parts = values.queues_of(config)
    assert sales.agents == ("102", "103", "101")
    assert (sales.max_wait_s, sales.max_length, sales.overflow_to) == (None, None, ("voicemail:main",))
    assert parts.agents == ("102",)
    assert values.thresholds_of(config) == (("sales", 20.0), ("parts", 15))
    assert (parts.max_wait_s, parts.overflow_to, parts.misses_until_pause) == (600.0, (), 4)


def test_phones_register_or_are_fixed() -> None:
    config = Config(agents=(AgentConfig("101", password="a"), AgentConfig("201", address="sip:201@192.0.2.20:5070")))
    assert values.passwords_of(config) == {"101": "a"}
    assert {agent: str(uri) for agent, uri in values.fixed_phones_of(config).items()} == {
        "201": "sip:201@192.0.2.20:5070"
    }


def test_hours_are_always_open_unless_said_otherwise() -> None:
    assert set(values.hours_of(Config())) == {"main"}
    named = values.hours_of(Config(hours=(HoursConfig("night", ("daily 20:00-24:00",)), HoursConfig("main", ()))))
    assert set(named) == {"main", "night"}
    assert named["main"] != values.hours_of(Config())["main"]


def test_flows_are_the_shipped_ones_and_the_houses_own(tmp_path: Path) -> None:
    assert "main" in values.flows_of(Config())
    own = tmp_path / "own.toml"
    own.write_text('start = "bye"\n[nodes.bye]\nkind = "hangup"\n')
    flows = values.flows_of(Config(flows=(FlowConfig("main", own), FlowConfig("second", own))))
    assert set(flows) >= {"main", "second"}
    assert set(flows["main"].nodes) == {"bye"}
    own.write_text('start = "nowhere"\n[nodes.bye]\nkind = "hangup"\n')
    with pytest.raises(ConfigError, match="nowhere"):
        values.flows_of(Config(flows=(FlowConfig("main", own),)))


def test_campaigns_call_in_their_hours() -> None:
    campaign = CampaignConfig(
        "visit", "carrier", "4008001234", concurrency=3, ring_timeout_s=25, hours=("mon-fri 09:00-12:00",)
    )
    plan = values.plan_of(campaign, Config())
    assert (plan.name, plan.trunk, plan.caller_id, plan.concurrency, plan.ring_timeout_s) == (
        "visit", "carrier", "4008001234", 3, 25,
    )  # fmt: skip
    assert plan.hours is not None
