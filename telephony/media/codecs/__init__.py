"""The codecs of the house behind one protocol: G.711 A-law and µ-law by table, G.722 and Opus through PyAV.

``av`` is loaded with the first G.722 or Opus stream: a worker that has none does not pay for it (17 MiB, 0.1 s).
"""

from functools import lru_cache

from core.errors import ParseError
from telephony.media.codecs.g711 import PCMA, PCMU, Law
from telephony.media.codecs.protocol import AudioCodec, Decoder, Encoder

__all__ = [
    "PCMA",
    "PCMU",
    "AudioCodec",
    "Decoder",
    "Encoder",
    "Law",
    "audio_codec",
    "codec_named",
    "load_wide",
    "transcoding",
]


def codec_named(name: str) -> Law:
    """PCMA or PCMU; ``ParseError`` for another name."""
    if name == "PCMA":
        return PCMA
    if name == "PCMU":
        return PCMU
    raise ParseError(f"no such codec: {name!r}")


@lru_cache
def audio_codec(name: str) -> AudioCodec:
    """PCMA, PCMU, G722 or opus; ``ParseError`` for another name."""
    if name == "G722":
        from telephony.media.codecs.g722 import G722  # noqa: PLC0415 - loads av

        return G722()
    if name == "opus":
        from telephony.media.codecs.opus import Opus  # noqa: PLC0415 - loads av

        return Opus()
    return codec_named(name)


def load_wide() -> None:
    """Load what G.722 and Opus need: takes 0.1 s, and in a thread of its own hardly holds up the others."""
    for name in ("G722", "opus"):
        audio_codec(name)


def transcoding(source: Law, target: Law) -> bytes | None:
    """The table for ``bytes.translate`` from ``source`` to ``target``; None where none is needed."""
    return None if source is target else source.to_other
