"""How recordings are kept, from the configuration; the key that must not be replaced in silence; the alarm."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from archive.facts import RecordingKept
from archive.jobs import KeepRules
from archive.keys import load_key
from archive.seal import key_id
from core.clock import VirtualClock
from core.errors import ConfigError
from service import keeping
from service.config_media import RecordingSettings
from service.config_model import Config
from service.console_deps import recordings_part
from service.keeping import ALARM_S, RecordingHealth, keep_rules, recording_health
from store.store import Store
from telephony.disk import PatientDisk
from telephony.facts import RecordingFinished, RecordingStarted
from telephony.recorder import Recorder, Trouble
from tests.unit.store.conftest import Desk


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_folder=tmp_path, recording=RecordingSettings(keep_days=90))


def sealing(config: Config) -> Config:
    return replace(config, recording=replace(config.recording, encrypt=True))


async def keep_one(store: Store, key: str) -> None:
    store.log.post("c-1", RecordingStarted("r-1", "r-1.wav", "caller", "agent"))
    store.log.post("c-1", RecordingFinished("r-1", 3.0))
    await store.log.commit("c-1", RecordingKept("r-1", "r-1.flac.sealed", "flac", 10, "00", "00", key))


async def test_without_encryption_there_is_no_key(config: Config, tmp_path: Path) -> None:
    async with await Desk(tmp_path).open() as store:
        assert await keep_rules(config, store.keeping) == KeepRules("flac", 90)
    assert not (tmp_path / "recordings.key").exists()


async def test_the_key_is_made_on_first_use_and_never_anew(config: Config, tmp_path: Path) -> None:
    async with await Desk(tmp_path).open() as store:
        rules = await keep_rules(sealing(config), store.keeping)
        path = tmp_path / "recordings.key"
        assert rules == KeepRules("flac", 90, path, key_id(load_key(path)))
        await keep_one(store, rules.key)
        assert await keep_rules(sealing(config), store.keeping) == rules
        assert await keep_rules(config, store.keeping) == KeepRules("flac", 90), "new ones plain, old ones playable"
        path.unlink()
        for either in (config, sealing(config)):
            with pytest.raises(ConfigError, match="missing; put it back from its backup"):
                await keep_rules(either, store.keeping)
    assert not path.exists()


async def test_another_key_is_told_in_the_log(config: Config, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with await Desk(tmp_path).open() as store:
        await keep_rules(sealing(config), store.keeping)
        await keep_one(store, "0123456789abcdef")
        await keep_rules(sealing(config), store.keeping)
    assert "sealed with other keys" in caplog.text and "0123456789abcdef" in caplog.text


class NoRecorder(Recorder):
    """Only its trouble is looked at."""

    def __init__(self, trouble: Trouble | None) -> None:
        self.trouble = trouble


async def test_a_fault_is_an_alarm_for_ten_minutes(config: Config, tmp_path: Path) -> None:
    (tmp_path / "recordings").mkdir()
    clock = VirtualClock()
    recorder = NoRecorder(Trouble("r-1", "No space left on device", clock.now()))
    health = await recording_health(config, recorder, clock)
    assert (health.fault, health.recording, health.well) == ("No space left on device", "r-1", False)
    part = recordings_part(health)
    assert (part.state, part.code, part.values) == ("degraded", "recordings_fault", ["No space left on device"])
    clock.advance(ALARM_S + 1)
    assert (await recording_health(config, recorder, clock)).fault == ""


async def test_a_folder_that_is_gone_and_little_room_are_alarms(config: Config) -> None:
    gone = await recording_health(config, NoRecorder(None), VirtualClock())
    assert recordings_part(gone).state == "degraded" and "cannot be reached" in gone.fault
    assert recordings_part(RecordingHealth(3 * 10**9)).state == "ok"
    little = recordings_part(RecordingHealth(10**9))
    assert (little.state, little.code, little.values) == ("degraded", "recordings_free", ["1.0"])


async def test_a_share_that_hangs_does_not_keep_the_page_of_health_waiting(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = threading.Event()
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: back.wait())
    monkeypatch.setattr(keeping, "_disk", PatientDisk(0.01))
    try:
        health = await recording_health(config, NoRecorder(None), VirtualClock())
    finally:
        back.set()
    assert recordings_part(health).state == "degraded" and "does not answer" in health.fault
