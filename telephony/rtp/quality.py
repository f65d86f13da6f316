"""Mean opinion score of one direction of a leg, estimated from its codec, loss, jitter and delay by the E-model.

What is known of a line is put into the parameters of ITU-T G.107 like this:

- Loss ``Ppl`` is the share of packets that did not arrive; burstiness by G.107 7.5 where the runs of loss are seen.
- The one-way delay ``Ta`` is half the round trip that RTCP measured, one packet, the codec's look-ahead, and the
  playout buffer of whoever listens. The buffer is not seen: it is taken to be four times the jitter, between 40 and
  240 ms, as adaptive buffers do, and to lose nothing.
- ``Ie`` and ``Bpl`` are those of G.113 appendix I where it has the codec.

Scores stay on the narrow-band scale (4.41 at most), so that legs compare; that G.722 and Opus sound fuller is not
shown.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from telephony.rtp.emodel import equipment_impairment, opinion, rating

GOOD_MOS: Final = 4.0
FAIR_MOS: Final = 3.6
POOR_MOS: Final = 3.1
"""Users are satisfied above 4.0 (R 80), some dissatisfied above 3.6 (R 70), many above 3.1 (R 60), nearly all below
(ITU-T G.109)."""

_LEVELS: Final = ((GOOD_MOS, "good"), (FAIR_MOS, "fair"), (POOR_MOS, "poor"))

_LEAST_BUFFER_MS: Final = 40.0
_MOST_BUFFER_MS: Final = 240.0
_BUFFER_JITTERS: Final = 4.0


@dataclass(frozen=True, slots=True)
class CodecImpairment:
    """``ie`` and ``bpl`` as in G.113; ``look_ahead_ms`` is the codec's delay beyond the packet."""

    ie: float
    bpl: float
    look_ahead_ms: float = 0.0


_G711: Final = CodecImpairment(0.0, 25.1)  # G.113 table I.4, with packet loss concealment (4.3 without)
_CODECS: Final = {
    "PCMA": _G711,
    "PCMU": _G711,
    # Not on the narrow-band scale of G.113. Clean, both are no worse than G.711. The state of G.722's predictor suffers
    # from a gap for longer than its 20 ms: half the robustness of G.711 is our supposition. Opus conceals by its own
    # model of speech: taken as G.711's.
    "G722": CodecImpairment(0.0, 12.5, 1.5),
    "opus": CodecImpairment(0.0, 25.1, 6.5),
}


@dataclass(frozen=True, slots=True)
class Impairments:
    """What happened to one direction: ``loss`` 0..1, ``jitter_ms`` as RFC 3550 counts it, ``round_trip_ms`` None if
    unknown (taken as 0), ``burst_ratio`` 1.0 where losses are random or their runs were not seen.
    """

    codec: str
    loss: float
    jitter_ms: float = 0.0
    round_trip_ms: float | None = None
    burst_ratio: float = 1.0
    packet_ms: float = 20.0


def burst_ratio(lost: int, bursts: int, loss: float) -> float:
    """Mean length of the ``bursts`` runs that ``lost`` packets came in, over that of random loss (G.107 7.5); not below
    1.0: evenly spread loss is taken as random.
    """
    if bursts <= 0 or lost <= 0 or loss >= 1:
        return 1.0
    return max(1.0, lost / bursts * (1 - loss))


def mos(impairments: Impairments) -> float:
    """The estimate: 1.0 (unusable) to 4.41, two decimals. An unknown codec counts as G.711."""
    codec = _CODECS.get(impairments.codec, _G711)
    buffer_ms = min(_MOST_BUFFER_MS, max(_LEAST_BUFFER_MS, _BUFFER_JITTERS * impairments.jitter_ms))
    one_way_ms = (impairments.round_trip_ms or 0.0) / 2 + impairments.packet_ms + codec.look_ahead_ms + buffer_ms
    loss_percent = 100 * min(1.0, max(0.0, impairments.loss))
    effective = equipment_impairment(codec.ie, codec.bpl, loss_percent, impairments.burst_ratio)
    return round(opinion(_lossless(round(one_way_ms)) - effective), 2)


@lru_cache(maxsize=512)
def _lossless(one_way_ms: int) -> float:
    """R without loss: the dear part of the model, which depends on nothing else that differs between calls."""
    return rating(one_way_ms)


def level(score: float) -> str:
    """What a score means to people: good, fair, poor or bad."""
    return next((name for least, name in _LEVELS if score >= least), "bad")
