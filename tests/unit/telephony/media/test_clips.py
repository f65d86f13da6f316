from pathlib import Path

import numpy as np
import pytest

from core.errors import ParseError
from telephony.media.clips import Clip, ClipCache, clip_key, load_clip
from telephony.media.codecs import PCMA, PCMU
from telephony.media.player import Player
from tests.interop.rtp_peer import tone, write_clip


def clip(samples: int, code: int = 1) -> Clip:
    return Clip(bytes([code]) * samples, bytes([code + 100]) * samples)


def test_a_clip_is_loaded_in_both_laws(tmp_path: Path) -> None:
    sound = tone(500, 2.3)
    loaded = load_clip(str(write_clip(tmp_path / "c.wav", sound)))
    assert loaded.encoded(PCMA) == PCMA.encode(sound)
    assert loaded.encoded(PCMU) == PCMU.encode(sound)


def test_files_that_cannot_be_played_are_refused_with_their_name(tmp_path: Path) -> None:
    import wave  # noqa: PLC0415

    stereo = tmp_path / "stereo.wav"
    with wave.open(str(stereo), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(400))
    noise = tmp_path / "noise.wav"
    noise.write_bytes(b"RIFF")
    for path in (stereo, noise, tmp_path / "missing.wav"):
        with pytest.raises(ParseError, match=path.name):
            load_clip(str(path))


def test_a_changed_file_is_another_clip(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "c.wav", tone(500, 0.1))
    before = clip_key(str(path))
    write_clip(path, tone(500, 0.2))
    assert clip_key(str(path)) != before
    with pytest.raises(ParseError):
        clip_key(str(tmp_path / "missing.wav"))


def test_the_cache_throws_out_what_was_used_least_recently() -> None:
    cache = ClipCache(limit_bytes=1000)
    for name in "ab":
        cache.put((name, 1, 1), clip(200))
    assert cache.get(("a", 1, 1)) is not None
    cache.put(("c", 1, 1), clip(200))
    assert cache.get(("b", 1, 1)) is None
    assert cache.get(("a", 1, 1)) is not None


def test_clips_follow_each_other_without_a_gap_and_the_end_is_filled_up() -> None:
    player = Player("p", [clip(100, 1), clip(100, 2)], loop=False)
    assert player.take(PCMA) == b"\x01" * 100 + b"\x02" * 60
    assert not player.done
    assert player.take(PCMU) == b"\x66" * 40 + b"\xff" * 120  # the codec may change in between
    assert player.done


def test_a_loop_goes_round_without_a_gap() -> None:
    player = Player("p", [clip(100, 1), clip(30, 2)], loop=True)
    heard = b"".join(player.take(PCMA) for _ in range(13))
    assert heard == (b"\x01" * 100 + b"\x02" * 30) * 16
    assert not player.done
    player.skip(1000)
    assert not player.done
    assert np.frombuffer(player.take(PCMA), np.uint8).max() == 2


def test_skipping_past_the_end_ends() -> None:
    player = Player("p", [clip(1600)], loop=False)
    player.skip(11)
    assert player.done


def test_nothing_to_play_is_over_at_once_even_as_a_loop() -> None:
    assert Player("p", [], loop=True).done
