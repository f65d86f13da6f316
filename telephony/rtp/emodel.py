"""The E-model (ITU-T G.107, 06/2015): how good a conversation sounds, from what is known of its line.

R = Ro - Is - Id - Ie,eff + A on a scale where 93.2 is a clean narrow-band line, and the mean opinion score that follows
from it (Annex B). Everything that this system cannot measure (loudness, room noise, echo) has its default of table 2.
Packet loss and delay are what is measured; see ``telephony.rtp.quality``.
"""

from dataclasses import dataclass
from math import exp, log, log2, log10, sqrt
from typing import Final


@dataclass(frozen=True, slots=True)
class Line:
    """The line's parameters with the defaults of G.107 table 2; loudness, noise and echo in dB, delays in ms."""

    send_loudness: float = 8.0  # SLR
    receive_loudness: float = 2.0  # RLR
    sidetone: float = 15.0  # STMR
    sender_d: float = 3.0  # Ds, D-value of the telephone
    receiver_d: float = 3.0  # Dr
    circuit_noise: float = -70.0  # Nc, dBm0p
    noise_floor: float = -64.0  # Nfor, dBmp
    sender_room_noise: float = 35.0  # Ps, dB(A)
    receiver_room_noise: float = 35.0  # Pr, dB(A)
    quantising_units: float = 1.0  # qdu
    talker_echo_loss: float = 65.0  # TELR
    echo_path_loss: float = 110.0  # WEPL
    advantage: float = 0.0  # A


DEFAULT: Final = Line()


def _power(*levels: float) -> float:
    return 10 * log10(sum(10 ** (level / 10) for level in levels))


def _root(value: float, degree: int) -> float:
    return exp(log(value) / degree)


def noise(line: Line = DEFAULT) -> float:
    """No: the power of all noises at the 0 dBr point, dBm0p (7-3 to 7-7)."""
    overall = line.send_loudness + line.receive_loudness
    ambient = line.sender_room_noise - line.sender_d
    sender = ambient - line.send_loudness - 100 + 0.004 * (ambient - overall - 14) ** 2
    listener = line.sidetone + line.receiver_d  # LSTR
    effective = line.receiver_room_noise + 10 * log10(1 + 10 ** ((10 - listener) / 10))
    receiver = line.receive_loudness - 121 + effective + 0.008 * (effective - 35) ** 2
    return _power(line.circuit_noise, sender, receiver, line.noise_floor + line.receive_loudness)


def signal_to_noise(line: Line = DEFAULT) -> float:
    """Ro (7-2)."""
    return 15 - 1.5 * (line.send_loudness + noise(line))


def simultaneous(line: Line = DEFAULT, *, echo_ms: float = 0.0) -> float:
    """Is: what comes with the speech itself: too loud, sidetone, quantising (7-8 to 7-17)."""
    overall = line.send_loudness + line.receive_loudness
    loud = overall + 0.2 * (64 + noise(line) - line.receive_loudness)
    too_loud = 20 * (_root(1 + (loud / 8) ** 8, 8) - loud / 8)
    side = -10 * log10(10 ** (-line.sidetone / 10) + exp(-echo_ms / 4) * 10 ** (-line.talker_echo_loss / 10))
    sidetone = (
        12 * _root(1 + ((side - 13) / 6) ** 8, 8)
        - 28 * _root(1 + ((side + 1) / 19.4) ** 35, 35)
        - 13 * _root(1 + ((side - 3) / 33) ** 13, 13)
        + 29
    )
    q = 37 - 15 * log10(line.quantising_units)
    g = 1.07 + 0.258 * q + 0.0602 * q * q
    y = (signal_to_noise(line) - 100) / 15 + 46 / 8.4 - g / 9
    z = 46 / 30 - g / 40
    return too_loud + sidetone + 15 * log10(1 + 10**y + 10**z)


def delay_impairment(one_way_ms: float, line: Line = DEFAULT) -> float:
    """Id = Idte + Idle + Idd (7-18 to 7-28), where echo comes back after ``one_way_ms`` there and as much back."""
    return _talker_echo(one_way_ms, line) + _listener_echo(2 * one_way_ms, line) + _too_long(one_way_ms)


def _talker_echo(mean_ms: float, line: Line) -> float:
    if mean_ms < 1:
        return 0.0
    echo = (
        line.talker_echo_loss - 40 * log10((1 + mean_ms / 10) / (1 + mean_ms / 150)) + 6 * exp(-0.3 * mean_ms * mean_ms)
    )
    half = (-1.5 * (noise(line) - line.receive_loudness) - (80 + 2.5 * (echo - 14))) / 2
    return (half + sqrt(half * half + 100) - 1) * (1 - exp(-mean_ms))


def _listener_echo(round_trip_ms: float, line: Line) -> float:
    back = 10.5 * (line.echo_path_loss + 7) / sqrt(sqrt(round_trip_ms + 1))
    half = (signal_to_noise(line) - back) / 2
    return half + sqrt(half * half + 169)


def _too_long(one_way_ms: float) -> float:
    if one_way_ms <= 100:
        return 0.0
    x = log2(one_way_ms / 100)
    return 25.0 * (_root(1 + x**6, 6) - 3 * _root(1 + (x / 3) ** 6, 6) + 2)


def equipment_impairment(ie: float, bpl: float, loss_percent: float, burst_ratio: float = 1.0) -> float:
    """Ie,eff (7-29): a codec's impairment ``ie`` and robustness ``bpl`` (G.113) under loss.

    ``burst_ratio`` is the mean length of the runs of lost packets over that of random loss (1.0: random).
    """
    if loss_percent <= 0:
        return ie
    return ie + (95 - ie) * loss_percent / (loss_percent / burst_ratio + bpl)


def rating(one_way_ms: float = 0.0, impairment: float = 0.0, line: Line = DEFAULT) -> float:
    """R (7-1), not below 0; ``impairment`` is Ie,eff."""
    base = signal_to_noise(line) - simultaneous(line, echo_ms=one_way_ms)
    return max(0.0, base - delay_impairment(one_way_ms, line) - impairment + line.advantage)


def opinion(rating_factor: float) -> float:
    """MOS-CQE of ``rating_factor`` (Annex B, B-4): 1.0 to 4.5."""
    if rating_factor <= 0:
        return 1.0
    if rating_factor >= 100:
        return 4.5
    r = rating_factor
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)
