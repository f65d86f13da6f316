"""What has changed between two configurations, and what of it may hold at once."""

from dataclasses import fields, replace

from service.config import LISTS, TABLES, TOP_KEYS
from service.config_carriers import TrunkConfig
from service.config_changes import LIVE_KEYS, LIVE_LISTS, LIVE_TABLES, Changes, changes, renewed
from service.config_model import (
    AgentConfig,
    Config,
    HttpSettings,
    NumberConfig,
    QueueConfig,
    SipSettings,
)
from service.config_phones import TransferSettings

OLD = Config(
    trunks=(TrunkConfig("carrier", "203.0.113.5"), TrunkConfig("spare", "203.0.113.6")),
    agents=(AgentConfig("8001", password="a"), AgentConfig("8002", password="b")),
    queues=(QueueConfig("sales"),),
    numbers=(NumberConfig("4001", "queue:sales"),),
)


def test_nothing_has_changed() -> None:
    assert changes(OLD, replace(OLD)) == Changes((), ())


def test_keys_and_names_are_told_and_never_values() -> None:
    new = replace(
        OLD,
        trunks=(replace(OLD.trunks[0], max_calls=60, password="secret"),),
        agents=(AgentConfig("8003"), *OLD.agents),
        numbers=(replace(OLD.numbers[0], record=False),),
        drain_s=5.0,
        zone="UTC",
        http=HttpSettings(port=1),
        sip=SipSettings(realm="x", udp_port=1),
    )
    found = changes(OLD, new)
    assert found.live == (
        "drain_s", "trunk spare: gone", "trunk carrier: password, max_calls", "agent 8003: new", "number 4001: record",
    )  # fmt: skip
    assert found.waiting == ("zone", "http.port", "sip.udp_port", "sip.realm")
    held = renewed(OLD, new)
    assert (held.trunks, held.agents, held.drain_s) == (new.trunks, new.agents, 5.0)
    assert (held.http, held.sip, held.zone) == (OLD.http, OLD.sip, OLD.zone)
    assert changes(held, new).waiting == found.waiting, "still waiting when it is read once more"


def test_another_order_is_a_change_too() -> None:
    assert changes(OLD, replace(OLD, agents=OLD.agents[::-1])) == Changes(("agent: order",), ())


def test_every_list_of_the_file_may_change() -> None:
    assert dict(LIVE_LISTS) == {field: name for name, (field, _) in LISTS.items()}
    assert set(LIVE_KEYS) < set(TOP_KEYS) and set(LIVE_TABLES) < set(TABLES)
    new = replace(OLD, transfer=TransferSettings("carrier"))
    assert changes(OLD, new) == Changes(("transfer.trunk",), ()) and renewed(OLD, new) == new
    assert {*LIVE_LISTS, *LIVE_KEYS} < {field.name for field in fields(Config)}
