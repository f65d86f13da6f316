import numpy as np
import pytest

from core.errors import ParseError
from telephony.media.codecs import PCMA, PCMU, Law, codec_named, transcoding

ALL = bytes(range(256))


@pytest.mark.parametrize("codec", [PCMA, PCMU])
def test_every_code_survives_decoding_and_encoding(codec: Law) -> None:
    again = codec.encode(codec.decode(ALL))
    assert [code for code in range(256) if again[code] != code] == ([] if codec is PCMA else [0x7F])  # minus zero


@pytest.mark.parametrize(
    ("codec", "sample", "code"),
    [  # from the tables 1a and 2a of G.711, scaled to 16 bits
        (PCMA, 0, 0xD5),
        (PCMA, -1, 0x55),
        (PCMA, 32767, 0xAA),
        (PCMA, -32768, 0x2A),
        (PCMA, 1000, 0xFA),
        (PCMU, 0, 0xFF),
        (PCMU, 32767, 0x80),
        (PCMU, -32768, 0x00),
        (PCMU, 1000, 0xCE),
    ],
)
def test_reference_codes(codec: Law, sample: int, code: int) -> None:
    assert codec.encode(np.array([sample], np.int16)) == bytes([code])


@pytest.mark.parametrize("codec", [PCMA, PCMU])
@pytest.mark.parametrize("level", [300, 3000, 30000])
def test_signal_to_noise_of_a_sine_is_that_of_g711(codec: Law, level: int) -> None:
    sound = (level * np.sin(2 * np.pi * 1004 * np.arange(8000) / 8000)).astype(np.int16)
    noise = codec.decode(codec.encode(sound)).astype(float) - sound
    assert 10 * np.log10(np.mean(sound.astype(float) ** 2) / np.mean(noise**2)) > (30 if level < 1000 else 36)


def test_transcoding_by_table_is_decoding_and_encoding() -> None:
    table = transcoding(PCMA, PCMU)
    assert table is not None
    assert ALL.translate(table) == PCMU.encode(PCMA.decode(ALL))
    assert transcoding(PCMU, PCMU) is None


def test_names() -> None:
    assert codec_named("PCMA") is PCMA
    assert codec_named("PCMU") is PCMU
    with pytest.raises(ParseError):
        codec_named("opus")
