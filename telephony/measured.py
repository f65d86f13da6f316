"""What media measured of a leg's audio, as the facts that the log keeps."""

from core.events import Log
from telephony.facts import LegMeasured, LegScored
from telephony.media.port import LegQuality, StreamQuality
from telephony.rtp.quality import level


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


class VoiceLog:
    """Tells the log how the voice of one leg is: while it lasts whenever it becomes better or worse, and at its end."""

    __slots__ = ("_call_id", "_leg", "_level", "_log", "_party", "_role")

    def __init__(self, log: Log, call_id: str, leg: str, *, role: str, party: str) -> None:
        self._log = log
        self._call_id = call_id
        self._leg = leg
        self._role = role
        self._party = party
        self._level = "good"  # as the log has it

    def scored(self, quality: LegQuality) -> None:
        """How it was lately."""
        score = worse_mos(quality)
        now = level(score)
        if now != self._level:
            self._level = now
            self._log.post(self._call_id, LegScored(self._leg, self._role, self._party, now, score))

    def ended(self, codec: str, quality: LegQuality) -> None:
        """How it was on the whole."""
        fact = measured(self._leg, role=self._role, party=self._party, codec=codec, quality=quality)
        self._log.post(self._call_id, fact)
