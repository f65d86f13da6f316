"""What media measured of a leg's audio, as the fact that the log keeps."""

from telephony.facts import LegMeasured
from telephony.media.port import LegQuality, StreamQuality


def measured(leg: str, *, role: str, party: str, codec: str, quality: LegQuality) -> LegMeasured:
    """The fact of ``quality``; an opinion on a direction without packets is none."""
    received, sent = quality.received, quality.sent
    return LegMeasured(
        leg=leg,
        role=role,
        party=party,
        codec=codec,
        received_packets=received.packets,
        received_lost=received.lost,
        received_loss=received.loss_fraction,
        received_jitter_ms=received.jitter_ms,
        received_mos=_mos(received),
        sent_packets=None if sent is None else sent.packets,
        sent_lost=None if sent is None else sent.lost,
        sent_loss=None if sent is None else sent.loss_fraction,
        sent_jitter_ms=None if sent is None else sent.jitter_ms,
        sent_mos=None if sent is None else _mos(sent),
        round_trip_ms=quality.round_trip_ms,
    )


def _mos(stream: StreamQuality) -> float | None:
    return stream.mos if stream.packets else None


def worse_mos(quality: LegQuality) -> float:
    """The score of the worse direction."""
    received, sent = quality.received.mos, quality.sent
    return received if sent is None else min(received, sent.mos)
