"""Reading the configuration again: followers hear of what may change, a fault changes nothing."""

from pathlib import Path

import pytest

from core.bus import MemoryLog
from core.clock import VirtualClock
from core.errors import ConfigError
from core.house_facts import ConfigReloaded
from service import from_config
from service.config import load_config
from service.config_model import AgentConfig, Config, SecuritySettings
from service.exchange import change_defence, change_passwords
from service.from_config import flows_of
from service.reload import Reloader, Renewal
from telephony.defence import Defence
from tests.unit.telephony.test_registrar import NOW, SOURCE, Office

FILE = """
data_folder = "{folder}"
{top}
[http]
port = {port}
[[agent]]
id = "8001"
password = "a"
[[flow]]
name = "mine"
file = "mine.toml"
{more}
"""
FLOW = 'name = "mine"\nstart = "hello"\n[nodes.hello]\nkind = "play"\nprompts = ["{prompt}"]\ngoto = "bye"\n'
FLOW += '[nodes.bye]\nkind = "hangup"\n'


class Desk:
    """A file in ``folder`` and who follows it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "line400.toml"
        self.log = MemoryLog(VirtualClock())
        self.heard: list[Renewal] = []
        self.write()
        config = load_config(self.path)
        self.reloader = Reloader(config, self.path)
        self.reloader.began_with(flows_of(config))
        self.reloader.follow(self.heard.append)

    def write(self, *, top: str = "", port: int = 0, more: str = "", prompt: str = "welcome") -> None:
        (self.folder / "mine.toml").write_text(FLOW.format(prompt=prompt))
        self.path.write_text(FILE.format(folder=self.folder / "data", top=top, port=port, more=more))


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_a_change_is_told_and_logged(desk: Desk) -> None:
    desk.write(top="drain_s = 5", port=8400, more='[[agent]]\nid = "8002"\npassword = "b"')
    done = await desk.reloader.reload("boss", desk.log)
    assert done.changed[0] == "drain_s" and "agent 8002: new" in done.changed
    assert done.waiting == ("http.port",)
    (new,) = desk.heard
    assert [agent.id for agent in new.before.agents] == ["8001"]
    assert [agent.id for agent in new.config.agents] == ["8001", "8002"] and new.config.http.port == 0
    assert desk.reloader.config is new.config
    assert desk.log.facts(ConfigReloaded) == [ConfigReloaded("boss", done.changed, ("http.port",))]


async def test_what_it_would_do_is_told_before(desk: Desk) -> None:
    desk.write(top="drain_s = 5", port=8400, prompt="overflow", more="[security]\nburst = 7\n")
    seen = await desk.reloader.preview()
    assert not desk.heard and not desk.log.facts(ConfigReloaded)
    assert seen == await desk.reloader.reload("boss", desk.log), "and that is what is done"
    assert seen.changed == ("drain_s", "security.burst", "flow mine: file") and seen.waiting == ("http.port",)
    assert desk.heard[0].config.security.burst == 7


async def test_a_flow_whose_file_alone_has_changed(desk: Desk) -> None:
    assert (await desk.reloader.reload("boss", desk.log)).changed == ()
    assert not desk.heard
    desk.write(prompt="overflow")
    assert (await desk.reloader.reload("boss", desk.log)).changed == ("flow mine: file",)
    assert desk.heard[0].flows["mine"] != flows_of(load_config(desk.path))["main"]
    assert (await desk.reloader.reload("boss", desk.log)).changed == ()


@pytest.mark.parametrize("more", ['[[queue]]\nname = "x"\nagents = ["nobody"]', "[[queue]", "[[number]]\nnumber = 5"])
async def test_a_fault_changes_nothing(desk: Desk, more: str) -> None:
    before = desk.reloader.config
    desk.write(top="drain_s = 5", more=more)
    with pytest.raises(ConfigError):
        await desk.reloader.reload("boss", desk.log)
    assert desk.reloader.config is before and not desk.heard and not desk.log.facts(ConfigReloaded)
    desk.path.unlink()
    with pytest.raises(ConfigError):
        await desk.reloader.reload("boss", desk.log)


def test_passwords_become_others_and_phones_with_old_ones_are_forgotten() -> None:
    office = Office()
    passwords = {"101": "a", "102": "b"}
    office.register(expires=60)
    change_passwords(passwords, {"101": "a", "103": "c"}, office.registrar, NOW)
    assert passwords == {"101": "a", "103": "c"}
    assert office.registrar.contacts("101", NOW), "his password is as before"
    change_passwords(passwords, {"101": "new"}, office.registrar, NOW)
    assert passwords == {"101": "new"}
    assert not office.registrar.contacts("101", NOW)


def test_security_limits_hold_at_once_and_keep_what_was_counted() -> None:
    office = Office()
    defence = Defence()
    host, other = SOURCE.host, "198.51.100.66"
    for _ in range(30):
        defence.proved_wrong("102", other, NOW)
    (locked,) = [one for one in defence.lockouts(NOW) if one.user]
    assert locked.until > NOW + 600
    office.register(expires=60)
    office.register("<sip:102@198.51.100.4:6001>", 60, user="102", password="b")

    settings = from_config.defence_of(
        Config(security=SecuritySettings(burst=2, requests_per_s=1, lockout_max_s=60, blocked=("203.0.113.0/24",)))
    )
    change_defence(defence, settings, office.registrar)
    assert [defence.lets_in("192.0.2.77", NOW, familiar=False) for _ in range(3)] == [True, True, False]
    assert defence.is_blocked("203.0.113.9") and not defence.is_blocked(other)
    assert {one.until for one in defence.lockouts(NOW)} == {NOW + 60}, "still locked, but not for longer than it may be"
    assert office.registrar.contacts("101", NOW) and office.registrar.contacts("102", NOW)

    bound = Config(agents=(AgentConfig("101", networks=("192.0.2.0/24",)),))
    change_defence(defence, from_config.defence_of(bound), office.registrar)
    assert not office.registrar.contacts("101", NOW), "a phone that may not be where it is gets no calls"
    assert office.registrar.contacts("102", NOW) and not defence.is_blocked("203.0.113.9")
    everywhere = Config(security=SecuritySettings(blocked=(host,)))
    change_defence(defence, from_config.defence_of(everywhere), office.registrar)
    assert not office.registrar.contacts("102", NOW)
