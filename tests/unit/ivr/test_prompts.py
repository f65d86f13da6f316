"""Prompt files, spoken numbers, and what a waiting caller hears."""

import shutil
from pathlib import Path

import pytest

from core.errors import ConfigError
from ivr.prompts import ASSETS, MAX_NUMBER, Prompts, number_clips
from ivr.queue_prompts import QueuePrompts

SPOKEN = {f"d{value}": "零一二三四五六七八九十"[value] for value in range(11)} | {"hundred": "百"}


def spoken(value: int) -> str:
    return "".join(SPOKEN[clip] for clip in number_clips(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "零"),
        (9, "九"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (23, "二十三"),
        (99, "九十九"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (111, "一百一十一"),
        (120, "一百二十"),
        (305, "三百零五"),
        (999, "九百九十九"),
    ],
)
def test_numbers_are_spoken_as_in_mandarin(value: int, text: str) -> None:
    assert spoken(value) == text


def test_all_numbers_sound_different_and_have_files() -> None:
    prompts = Prompts()
    assert len({number_clips(value) for value in range(MAX_NUMBER + 1)}) == MAX_NUMBER + 1
    assert all(prompts.number(value) for value in range(MAX_NUMBER + 1))
    for value in (-1, MAX_NUMBER + 1):
        with pytest.raises(ValueError, match="only 0 to 999"):
            prompts.number(value)


def test_shipped_audio_is_in_the_house_format() -> None:
    assert Prompts().faults() == []
    assert len(list((ASSETS / "system").glob("*.wav"))) == 69
    assert {path.stem for path in (ASSETS / "tones").glob("*.wav")} == {
        "dial",
        "ringback",
        "busy",
        "congestion",
        "beep",
    }


def test_own_prompts_stand_in_for_shipped_ones(tmp_path: Path) -> None:
    shutil.copy(ASSETS / "tones" / "beep.wav", tmp_path / "welcome.wav")
    shutil.copy(ASSETS / "tones" / "beep.wav", tmp_path / "extra.wav")
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    prompts = Prompts(tmp_path)
    assert prompts.file("welcome") == tmp_path / "welcome.wav"
    assert prompts.file("extra") == tmp_path / "extra.wav"
    assert prompts.file("goodbye") == ASSETS / "system" / "goodbye.wav"
    assert [fault for fault in prompts.faults() if "broken.wav" in fault]
    assert len(prompts.faults()) == 1


def test_missing_prompt_is_named() -> None:
    with pytest.raises(ConfigError, match=r"prompt 'welcom': no file welcom\.wav"):
        Prompts().file("welcom")


def test_waiting_caller() -> None:
    queue = QueuePrompts(Prompts())

    def names(files: object) -> list[str]:
        assert isinstance(files, tuple)
        return [path.stem for path in files]

    assert names(queue.music()) == ["hold_music"]
    assert names(queue.place(0)) == ["queue_first"]
    assert names(queue.place(12)) == ["queue_position_before", "d10", "d2", "queue_position_after"]
    assert names(queue.wait(59.9)) == ["queue_wait_before", "less_than_a_minute"]
    assert names(queue.wait(60)) == ["queue_wait_before", "d1", "minutes"]
    assert names(queue.wait(61)) == ["queue_wait_before", "d2", "minutes"]
    assert names(queue.please_hold()) == ["queue_busy"]


def test_a_queue_has_its_own_music_and_messages() -> None:
    queue = QueuePrompts(Prompts(), ["hold_music", "welcome"], ["menu_main", "transferring"])
    assert [path.stem for path in queue.music()] == ["hold_music", "welcome"]
    assert [path.stem for number in range(3) for path in queue.message(number)] == [
        "menu_main", "transferring", "menu_main",
    ]  # fmt: skip
    plain = QueuePrompts(Prompts(), ["not there yet"], ["nor this"])
    assert [path.stem for path in plain.music()] == ["hold_music"]
    assert list(plain.message(0)) == []
