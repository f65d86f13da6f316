"""Reading the configuration again: followers hear of what may change, a fault changes nothing."""

from pathlib import Path

import pytest

from core.bus import MemoryLog
from core.clock import VirtualClock
from core.errors import ConfigError
from core.house_facts import ConfigReloaded
from service.config import load_config
from service.exchange import change_passwords
from service.from_config import flows_of
from service.reload import Reloader, Renewal
from tests.unit.telephony.test_registrar import NOW, Office

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
