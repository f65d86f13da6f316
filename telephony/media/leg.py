"""One leg inside the engine: what comes from its far end, what goes there, and the relay to its partner.

``receive`` is the hot path: it runs once for every packet of every call, so it touches plain attributes only and sends
the relayed packet itself. Everything rarer lives in small methods beside it.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

from core.audio import FRAME_SAMPLES, RATE_HZ
from core.errors import ParseError
from telephony.media.codecs import PCMA, Codec, codec_named, transcoding
from telephony.media.player import Player
from telephony.media.port import DigitPressed, LegStats, MediaEvent, PlayEnded, Stream
from telephony.media.tones import key_tone
from telephony.media.track import Clock, Track
from telephony.rtp.dtmf import EventStep, KeyPress, KeyReceiver, key_steps
from telephony.rtp.latch import Source, SourceLatch
from telephony.rtp.outgoing import OutgoingStream
from telephony.rtp.packet import HEADER, HEADER_SIZE, MARKER, PLAIN, parse_rtp
from telephony.rtp.sequence import Order, SequenceCounter

Transmit: TypeAlias = Callable[[bytes, Source], int]
KEY_TIMEOUT: Final = RATE_HZ // 2
_NO_TYPE: Final = -1
_pack = HEADER.pack
_unpack = HEADER.unpack_from


class MediaLeg:
    """A leg. ``transmit`` sends a datagram from its port; ``emit`` takes its events."""

    __slots__ = (
        "_audio_type",
        "_clock",
        "_codec",
        "_destination",
        "_emit",
        "_event_type",
        "_heard_at",
        "_hearer",
        "_key_at",
        "_keys_in",
        "_keys_out",
        "_latch",
        "_locked",
        "_outgoing",
        "_received",
        "_relayed_ssrc",
        "_sent",
        "_sequence_offset",
        "_sequences",
        "_speaker",
        "_ssrc",
        "_stream",
        "_table",
        "_timestamp_offset",
        "_transmit",
        "ear",
        "mouth",
        "name",
        "partner",
        "player",
        "refused_packets",
        "silence_said",
        "unsent_packets",
    )

    def __init__(
        self, name: str, transmit: Transmit, clock: Clock, outgoing: OutgoingStream, emit: Callable[[MediaEvent], None]
    ) -> None:
        self.name = name
        self.partner: MediaLeg | None = None
        self.player: Player | None = None
        self.ear: Track | None = None  # what the far end says, where someone records or taps it
        self.mouth: Track | None = None  # what is sent to it, where someone records that
        self.silence_said = False
        self.refused_packets = 0  # not RTP, of a wrong type, from a wrong place, or twice
        self.unsent_packets = 0
        self._transmit = transmit
        self._clock = clock
        self._emit = emit
        self._stream: Stream | None = None
        self._codec: Codec = PCMA
        self._audio_type = _NO_TYPE
        self._event_type = _NO_TYPE
        self._destination: Source | None = None  # None: nothing may be sent now
        self._latch = SourceLatch()
        self._locked: Source | None = None
        self._ssrc = _NO_TYPE
        self._sequences = SequenceCounter()
        self._received = 0
        self._heard_at = clock.samples
        self._keys_in = KeyReceiver()
        self._key_at = 0
        self._keys_out: deque[EventStep] = deque()
        self._outgoing = outgoing
        self._speaker: object = None  # who spoke last in the outgoing stream on the tick
        self._sent = 0
        self._hearer: MediaLeg | None = None  # where our audio is relayed now
        self._table: bytes | None = None
        self._relayed_ssrc = _NO_TYPE
        self._sequence_offset = 0
        self._timestamp_offset = 0

    # What comes in

    def receive(self, data: bytes, source: Source) -> None:
        """Take one datagram that came to our port from ``source``."""
        if len(data) <= HEADER_SIZE:
            self.refused_packets += 1
            return
        first, second, sequence, timestamp, ssrc = _unpack(data)
        payload = data[HEADER_SIZE:] if first == PLAIN else _unwrapped(data)
        payload_type = second & 0x7F
        if (payload_type != self._audio_type and payload_type != self._event_type) or not payload:  # noqa: PLR1714 - faster
            self._skip(source, ssrc, sequence)
            return
        if (source != self._locked or ssrc != self._ssrc) and not self._admit(source, ssrc, sequence):
            self.refused_packets += 1
            return
        order = self._sequences.take(ssrc, sequence)
        if order is Order.DUPLICATE:
            self.refused_packets += 1
            return
        now = self._clock.samples
        self._heard_at = now
        self._received += 1
        hearer = self._hearer
        if payload_type == self._event_type:
            self._take_key(timestamp, payload)
            if hearer is None:
                return
            if hearer._event_type == _NO_TYPE:
                self._sequence_offset -= order is Order.NEXT  # so that the hearer sees no loss
                return
            out, second = payload, hearer._event_type | second & MARKER
        else:
            ear = self.ear
            if ear is not None and self._stream is not None and self._stream.receive:
                ear.timeline.put(ssrc, timestamp, payload, now, begins=second >= MARKER)
            if hearer is None:
                return
            table = self._table
            out = payload if table is None else payload.translate(table)
            second = hearer._audio_type | second & MARKER
        outgoing = hearer._outgoing
        if ssrc != self._relayed_ssrc:
            self._begin_relay(outgoing, ssrc, sequence, timestamp)
            second |= MARKER
        sequence = (sequence + self._sequence_offset) & 0xFFFF
        timestamp = (timestamp + self._timestamp_offset) & 0xFFFFFFFF
        try:
            hearer._transmit(_pack(PLAIN, second, sequence, timestamp, outgoing.ssrc) + out, hearer._destination)  # type: ignore[arg-type]  # routed only where there is one
        except OSError:
            hearer.unsent_packets += 1
        else:
            hearer._sent += 1
        if order is not Order.LATE:
            outgoing.sequence = sequence
            outgoing.timestamp = timestamp
            outgoing.sent_at = now
        if hearer.mouth is not None and payload_type == self._audio_type:
            hearer.mouth.timeline.put(outgoing.ssrc, timestamp, out, now)

    def _skip(self, source: Source, ssrc: int, sequence: int) -> None:
        """A packet that we do not want (comfort noise, another codec): the next ones must not look like loss."""
        self.refused_packets += 1
        if source == self._locked and ssrc == self._ssrc:
            self._heard_at = self._clock.samples
            self._sequence_offset -= self._sequences.take(ssrc, sequence) is Order.NEXT

    def _admit(self, source: Source, ssrc: int, sequence: int) -> bool:
        silent_s = (self._clock.samples - self._heard_at) / RATE_HZ
        if not self._latch.offer(source, ssrc, sequence, silent_s):
            return False
        if ssrc != self._ssrc:
            self._ssrc = ssrc
            self._keys_in = KeyReceiver()
        if self._latch.locked != self._locked:
            self._locked = self._latch.locked
            self._aim()
        return True

    def _take_key(self, timestamp: int, payload: bytes) -> None:
        self._key_at = self._clock.samples
        self._say(self._keys_in.receive(timestamp, payload))

    def _say(self, presses: list[KeyPress]) -> None:
        for press in presses:
            self._emit(DigitPressed(self.name, press.key, press.duration_ms))

    def _begin_relay(self, outgoing: OutgoingStream, ssrc: int, sequence: int, timestamp: int) -> None:
        next_sequence, next_timestamp = outgoing.resume(self._clock.samples)
        self._relayed_ssrc = ssrc
        self._sequence_offset = next_sequence - sequence
        self._timestamp_offset = next_timestamp - timestamp

    # What SDP and control say

    @property
    def codec(self) -> Codec:
        """What SDP agreed (before that: A-law)."""
        return self._codec

    @property
    def ready(self) -> bool:
        """SDP has agreed on something."""
        return self._stream is not None

    def update(self, stream: Stream) -> None:
        """Set what SDP agreed; ``ParseError`` for a codec that we do not have."""
        codec = codec_named(stream.codec)
        first = self._stream is None
        self._stream = stream
        self._codec = codec
        self._audio_type = stream.payload_type
        self._event_type = _NO_TYPE if stream.event_type is None else stream.event_type
        self._latch.expect((stream.remote.host, stream.remote.port))
        self._locked = self._latch.locked
        for track in (self.ear, self.mouth):
            if track is not None:
                track.change_codec(codec)
        if first or stream.receive:
            self._heard_at = self._clock.samples
            self.silence_said = False
        self._aim()

    def _aim(self) -> None:
        """Work out where packets go now."""
        stream = self._stream
        self._destination = None
        if stream is not None and stream.send and stream.remote.port and stream.remote.host not in ("0.0.0.0", "::"):
            self._destination = self._locked or (stream.remote.host, stream.remote.port)
        self.route()
        if self.partner is not None:
            self.partner.route()

    def route(self) -> None:
        """Work out whether our audio is relayed now, and how."""
        hearer = self.partner
        if hearer is None or self._stream is None or not self._stream.receive or not hearer.can_hear_partner:
            self._hearer = None
            self._relayed_ssrc = _NO_TYPE
            return
        if hearer is not self._hearer:
            self._relayed_ssrc = _NO_TYPE
        self._hearer = hearer
        self._table = transcoding(self._codec, hearer._codec)

    @property
    def can_hear_partner(self) -> bool:
        """Packets may be sent to the far end, and no clip or key takes the partner's place."""
        return self._destination is not None and self.player is None and not self._keys_out

    def join(self, partner: "MediaLeg | None") -> None:
        """Bridge with ``partner`` (None: part). Whoever was the partner before hears nothing more from us."""
        before = self.partner
        if before is not None and before is not partner:
            before.partner = None
            before.route()
        self.partner = partner
        self.route()

    # What is sent on the tick

    @property
    def talking(self) -> bool:
        """Something is to be sent on the tick."""
        return self.player is not None or bool(self._keys_out)

    def begin_play(self, player: Player | None) -> None:
        """Play ``player`` in place of what plays now (None: only stop)."""
        before, self.player = self.player, player
        if before is not None:
            self._emit(PlayEnded(self.name, before.play, finished=False))
        self._reroute_partner()

    def press(self, keys: str) -> None:
        """Send ``keys`` after those that are being sent; ``ValueError`` for a character that is no key."""
        self._keys_out.extend(key_steps(keys))
        self._reroute_partner()

    def tick(self, passed: int) -> None:
        """``passed`` frames of 20 ms (more than one after a stall) have gone by: send what belongs to the last one."""
        if self._keys_out:
            self._tick_key(self._keys_out.popleft())
            if not self._keys_out:
                self._reroute_partner()
            return
        player = self.player
        if player is None or self._stream is None:
            return
        if passed > 1:
            player.skip(passed - 1)
        if player.done:
            self.player = None
            self._emit(PlayEnded(self.name, player.play, finished=True))
            self._reroute_partner()
            return
        payload = player.take(self._codec)
        if self._destination is not None:
            self._send_frame(player, self._audio_type, payload, passed)

    def _tick_key(self, step: EventStep) -> None:
        if self._destination is None:
            return
        if self._event_type == _NO_TYPE:
            samples = key_tone(step.key, step.elapsed, FRAME_SAMPLES) if step.key else None
            silence = bytes([self._codec.silence]) * FRAME_SAMPLES
            payload = silence if samples is None else self._codec.encode(samples)
            self._send_frame(self._keys_out, self._audio_type, payload, 1)
        elif step.payload:
            outgoing = self._outgoing
            sequence, timestamp = outgoing.resume(self._clock.samples)
            if not step.begins:
                timestamp = outgoing.timestamp
            self._speaker = None
            self._send(self._event_type | (MARKER if step.begins else 0), sequence, timestamp, step.payload)
            outgoing.sequence = sequence
            if step.begins:
                outgoing.sent(sequence, timestamp, self._clock.samples)

    def _send_frame(self, speaker: object, payload_type: int, payload: bytes, passed: int) -> None:
        outgoing = self._outgoing
        if speaker is self._speaker and self._clock.samples - outgoing.sent_at < RATE_HZ:
            sequence = (outgoing.sequence + 1) & 0xFFFF
            timestamp = (outgoing.timestamp + FRAME_SAMPLES * passed) & 0xFFFFFFFF
        else:
            self._speaker = speaker
            sequence, timestamp = outgoing.resume(self._clock.samples)
            payload_type |= MARKER
        self._send(payload_type, sequence, timestamp, payload)
        outgoing.sequence = sequence
        outgoing.timestamp = timestamp
        outgoing.sent_at = self._clock.samples
        if self.mouth is not None:
            self.mouth.timeline.put(outgoing.ssrc, timestamp, payload, self._clock.samples)

    def _send(self, second: int, sequence: int, timestamp: int, payload: bytes) -> None:
        try:
            self._transmit(_pack(PLAIN, second, sequence, timestamp, self._outgoing.ssrc) + payload, self._destination)  # type: ignore[arg-type]  # the caller has looked
        except OSError:
            self.unsent_packets += 1
        else:
            self._sent += 1

    def _reroute_partner(self) -> None:
        self._speaker = None
        if self.partner is not None:
            self.partner.route()

    # What control asks now and then

    def watch(self, silent_s: float) -> float | None:
        """Called twice a second: ends a key whose end was lost; seconds of silence, once, when they reach the limit."""
        now = self._clock.samples
        if self._keys_in.pending and now - self._key_at > KEY_TIMEOUT:
            self._say(self._keys_in.give_up())
        if self._stream is None or not self._stream.receive:
            return None
        silence = (now - self._heard_at) / RATE_HZ
        if silence < silent_s:
            self.silence_said = False
            return None
        if self.silence_said:
            return None
        self.silence_said = True
        return silence

    def stats(self) -> LegStats:
        """The counts so far."""
        return LegStats(self._sent, self._received, self._sequences.lost, self._sequences.late)


def _unwrapped(data: bytes) -> bytes:
    """The payload of a packet with contributing sources, extension or padding; empty where it is not RTP."""
    try:
        return parse_rtp(data).payload
    except ParseError:
        return b""
