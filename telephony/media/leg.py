"""One leg inside the engine: what comes from its far end, and the relay to the leg that hears it.

``Flow.hear`` (``flow``, or compiled) is the hot path: it runs once for every packet of every call. It knows one kind of
packet, the next one of the stream that flows already, and passes it on without a look to the left or right. Every other
packet (the first ones, keys, gaps, strangers) takes the way of ``receive``, which may change what ``hear`` takes for
granted.
"""

from collections.abc import Callable
from typing import Final

from core.audio import RATE_HZ
from telephony.media.codecs import PCMA, Law, audio_codec, transcoding
from telephony.media.decoding import TrackDecoder, track_law
from telephony.media.flow import NOT_FLOWING
from telephony.media.keys import LegKeys
from telephony.media.line import Line
from telephony.media.native import Flow
from telephony.media.port import LegStats, MediaEvent, QualityReported, Stream
from telephony.media.reports import LegReports
from telephony.media.sender import NO_TYPE, LegSender
from telephony.media.track import Clock, Track
from telephony.rtp.dtmf import in_clock
from telephony.rtp.formats import FORMATS, format_named
from telephony.rtp.latch import NOWHERE, Source, SourceLatch
from telephony.rtp.packet import HEADER, HEADER_SIZE, MARKER, PLAIN, payload_of
from telephony.rtp.playout import Decode, Playout
from telephony.rtp.rtcp import is_rtcp
from telephony.rtp.sequence import Order, SequenceCounter

_NO_SOURCE: Final = -1
_unpack = HEADER.unpack_from


class MediaLeg(Flow):
    """A leg. ``line`` is its port; ``emit`` takes its events. ``refused`` counts packets that were not taken: not RTP,
    of a wrong type, from a wrong place, or come twice.
    """

    __slots__ = (
        "_codec",
        "_comfort_type",
        "_decoder",
        "_emit",
        "_event_type",
        "_keys",
        "_latch",
        "_line",
        "_locked",
        "_playout",
        "_relayed_ssrc",
        "_sequences",
        "_silence_said",
        "_stream",
        "ear",
        "format",
        "listener",
        "name",
        "refused",
        "reports",
        "sender",
        "speaker",
    )

    def __init__(
        self,
        name: str,
        line: Line,
        clock: Clock,
        entropy: Callable[[int], bytes],
        emit: Callable[[MediaEvent], None],
        *,
        began_at: float = 0.0,
    ) -> None:
        super().__init__(clock)
        self.name = name
        self.sender = LegSender(name, clock, entropy(10), emit=emit, changed=self._speaker_must_route)
        self.listener: MediaLeg | None = None  # our packets are relayed to it
        self.speaker: MediaLeg | None = None  # its packets are relayed to us
        self.ear: Track | None = None  # what the far end says, where someone records or taps it
        self.refused = 0
        self._line = line
        self._emit = emit
        self._stream: Stream | None = None
        self.format = FORMATS["PCMA"]  # what SDP agreed
        self._codec: Law = PCMA
        self._decoder: TrackDecoder | None = None  # where tracks need what comes in a wide codec
        self._comfort_type = NO_TYPE
        self._event_type = NO_TYPE
        self._latch = SourceLatch()
        self._locked: Source | None = None
        self._sequences = SequenceCounter()
        self._silence_said = False
        self._keys = LegKeys(name, emit)
        self._relayed_ssrc = _NO_SOURCE
        self._playout: Playout | None = None  # where someone hears us by way of a mix
        self.reports = LegReports(
            line,
            self.sender,
            self._sequences,
            cname=entropy(12).hex(),  # RFC 7022 section 4.2: names nobody, differs between calls
            now=clock.samples,
            began_at=began_at,
            entropy=lambda: int.from_bytes(entropy(4)) / (1 << 32),
        )

    def control(self, data: bytes, source: Source) -> None:
        """Take a datagram of RTCP from the port that is its own."""
        self.reports.take(data, source, self, muxed=False)

    def stray(self, data: bytes) -> None:
        """See ``Flow``: one from the place that is locked."""
        self.receive(data, self._locked)

    def receive(self, data: bytes, source: Source | None) -> None:
        """Take one datagram from ``source``, whatever it is."""
        if source is not None and is_rtcp(data):
            self.reports.take(data, source, self, muxed=True)
            return
        self._settle()
        if len(data) <= HEADER_SIZE or source is None:
            self.refused += 1
            return
        first, second, sequence, timestamp, ssrc = _unpack(data)
        payload = data[HEADER_SIZE:] if first == PLAIN else payload_of(data)
        payload_type = second & 0x7F
        if not payload or payload_type not in (self.payload_type, self._event_type, self._comfort_type):
            self._skip(source, ssrc, sequence)
            return
        if (source != self._locked or ssrc != self.ssrc) and not self._admit(source, ssrc, sequence):
            self.refused += 1
            return
        order = self._sequences.take(ssrc, sequence)
        if order is Order.DUPLICATE:
            self.refused += 1
            return
        self.heard_at = self.clock.samples
        if payload_type == self._event_type:
            self._keys.take(timestamp, payload, self.heard_at)
        elif payload_type == self._comfort_type:
            if self._playout is not None:
                self._playout.put_comfort(ssrc, timestamp, payload, self.heard_at)
        else:
            self.reckon(timestamp)
            if self.tape is not None:
                self.tape.add(ssrc, timestamp, payload, self.heard_at, second >= MARKER)
            if self.put is not None:
                self._put(sequence, timestamp, payload, self.heard_at, begins=second >= MARKER)
        hearer = self.hearer
        if isinstance(hearer, LegSender):
            self._relay(hearer, (second, sequence, timestamp, ssrc), payload, order)
        if self._locked is not None and (hearer is None or ssrc == self._relayed_ssrc):
            self.next_sequence = (self._sequences.newest + 1) & 0xFFFF

    def _relay(self, hearer: LegSender, header: tuple[int, int, int, int], payload: bytes, order: Order) -> None:
        second, sequence, timestamp, ssrc = header
        is_key, is_comfort = second & 0x7F == self._event_type, second & 0x7F == self._comfort_type
        payload_type = hearer.event_type if is_key else hearer.comfort_type if is_comfort else hearer.payload_type
        if payload_type == NO_TYPE:
            self.sequence_offset -= order is Order.NEXT  # so that the hearer sees no loss
            return
        if is_key:
            payload = in_clock(payload, self._keys.clock_hz, hearer.event_clock_hz)
        elif self.table is not None and not is_comfort:
            payload = payload.translate(self.table)
        second = payload_type | second & MARKER
        if ssrc != self._relayed_ssrc:
            next_sequence, next_timestamp = hearer.resume(self.heard_at)
            self._relayed_ssrc = ssrc
            self.sequence_offset = next_sequence - sequence
            self.timestamp_offset = next_timestamp - timestamp
            second |= MARKER
            payload = payload if is_key or is_comfort else hearer.join_on(payload)
        sequence = (sequence + self.sequence_offset) & 0xFFFF
        timestamp = (timestamp + self.timestamp_offset) & 0xFFFFFFFF
        hearer.send(second, sequence, timestamp, payload)
        if order is not Order.LATE:
            hearer.note_sent(sequence, timestamp, self.heard_at)
        if hearer.tape is not None and not is_key and not is_comfort:
            hearer.tape.add(hearer.ssrc, timestamp, payload, self.heard_at)

    def _settle(self) -> None:
        """Count what came the short way; the next packet must come the long way."""
        if self.run:
            self._sequences.advance(self.run)
            self.run = 0
        self.next_sequence = NOT_FLOWING

    def _skip(self, source: Source, ssrc: int, sequence: int) -> None:
        """A packet that we do not want (another codec, say): the next ones must not look like loss."""
        self.refused += 1
        if source == self._locked and ssrc == self.ssrc:
            self.heard_at = self.clock.samples
            self.sequence_offset -= self._sequences.take(ssrc, sequence) is Order.NEXT

    def _admit(self, source: Source, ssrc: int, sequence: int) -> bool:
        silent_s = (self.clock.samples - self.heard_at) / RATE_HZ
        if not self._latch.offer(source, ssrc, sequence, silent_s):
            return False
        if ssrc != self.ssrc:
            self.ssrc = ssrc
            self.transit = -1
            self._keys.restart(self._keys.clock_hz)
        if self._latch.locked != self._locked:
            self._lock(self._latch.locked)
            self._aim()
        return True

    def _lock(self, source: Source | None) -> None:
        if source is None and self._locked is not None:
            self._line.unlock()
        self._locked = source
        self.reports.locked(source)

    @property
    def codec(self) -> Law:
        """The law in which tracks hold what the far end says."""
        return self._codec

    def update(self, stream: Stream) -> None:
        """Set what SDP agreed; ``ParseError`` for a codec that we do not have."""
        form = format_named(stream.codec)
        self._stream = stream
        self._codec = codec = track_law(form)
        if form is not self.format:
            self.format = form
            self.clock_ratio = form.clock_ratio
            self.jitter = 0  # it was counted in steps of another clock
            self._decoder = None
            if self._playout is not None:
                self._playout.change_codec(*self._decoding())
        if stream.event_clock_hz != self._keys.clock_hz:
            self._keys.restart(stream.event_clock_hz)
        self.payload_type = stream.payload_type
        self._event_type = NO_TYPE if stream.event_type is None else stream.event_type
        self._comfort_type = NO_TYPE if stream.comfort_type is None else stream.comfort_type
        self.sender.agree(stream)
        if self.ear is not None:
            self.ear.change_codec(codec)
        self.reports.agree(stream, self.clock_ratio)
        self._latch.expect((stream.remote.host, stream.remote.port))
        self._lock(self._latch.locked)
        self.transit = -1
        self.heard_at = self.clock.samples
        self._silence_said = False
        self._aim()

    def _aim(self) -> None:
        """Work out where packets go now."""
        stream = self._stream
        transmit, descriptor = None, -1
        if self._locked is not None:
            transmit = self._line.lock(self._locked)
            descriptor = self._line.descriptor
        elif stream is not None and stream.remote.port and stream.remote.host not in NOWHERE:
            transmit = self._line.towards((stream.remote.host, stream.remote.port))
        may_send = stream is not None and stream.send
        self.sender.transmit = transmit if may_send else None
        self.sender.descriptor = descriptor if may_send else -1
        self.route()
        self._speaker_must_route()

    def route(self) -> None:
        """Work out whether our audio is noted and relayed now, and how."""
        self._settle()
        hears = self._stream is not None and self._stream.receive
        self.tape = self.ear.timeline.tape if self.ear is not None and hears and not self.format.is_wide else None
        hearer = self.listener.sender if self.listener is not None else None
        if hearer is None or not hears or not hearer.relays:
            hearer = None
        else:
            self.table = transcoding(self._codec, hearer.codec)
        if hearer is None or hearer is not self.hearer:
            self._relayed_ssrc = _NO_SOURCE
        self.hearer = hearer
        decodes = hears and self.format.is_wide and self._decode_for(hearer)
        self.put = self._put if decodes or (hears and self._playout is not None) else None

    def _decode_for(self, hearer: LegSender | None) -> bool:
        """Decode what comes in a wide codec for the tracks that hold it: our ear, and the mouth of ``hearer``."""
        tracks = [track for track in (self.ear, None if hearer is None else hearer.mouth) if track is not None]
        if not tracks:
            self._decoder = None
            return False
        if self._decoder is None:
            self._decoder = TrackDecoder(self.format)
        self._decoder.tracks = tuple(tracks)
        return True

    def _speaker_must_route(self) -> None:
        if self.speaker is not None:
            self.speaker.route()

    def relay_to(self, listener: "MediaLeg | None") -> None:
        """Pass our packets on to ``listener`` (None: to nobody), in place of those that another passed on to it."""
        before = self.listener
        if before is not None and before is not listener:
            before.speaker = None
        if listener is not None and listener.speaker not in (None, self):
            listener.speaker.listener = None
            listener.speaker.route()
        self.listener = listener
        if listener is not None:
            listener.speaker = self
        self.route()

    def may_relay_to(self, listener: "MediaLeg") -> bool:
        """Our packets mean the same there: both in one format, or in the two laws of G.711."""
        return self.format is listener.format or not (self.format.is_wide or listener.format.is_wide)

    def start_playout(self) -> Playout:
        """Even out what the far end says, for a mix; its packets go there as well from now on."""
        self._playout = Playout(*self._decoding(), seed=self.ssrc & 0xFFFF)
        self.route()
        return self._playout

    def stop_playout(self) -> None:
        """Nobody hears us by way of a mix any more."""
        self._playout = None
        self.route()

    def _decoding(self) -> tuple[Decode, int]:
        return audio_codec(self.format.name).decoder().decode, self.format.clock_hz

    def _put(self, _sequence: int, timestamp: int, payload: bytes, arrival: int, *, begins: bool = False) -> None:
        """A packet of sound, on its way to the playout and to the tracks that need it decoded."""
        if self._playout is not None:
            self._playout.put(self.ssrc, timestamp, payload, arrival, begins=begins)
        if self._decoder is not None:
            self._decoder.put(timestamp, payload, arrival)

    def watch(self, silent_s: float) -> float | None:
        """Called twice a second: ends a key whose end was lost, sends the report that is due; seconds of silence, once,
        when they reach the limit.
        """
        now = self.clock.samples
        if self.reports.due(now):
            self._report()
        self._keys.watch(now)
        if self._stream is None or not self._stream.receive or not self._stream.send:
            return None  # who holds us (sendonly) may send music, but many phones send nothing
        silence = (now - self.heard_at) / RATE_HZ
        if silence < silent_s:
            self._silence_said = False
            return None
        if self._silence_said:
            return None
        self._silence_said = True
        return silence

    def _report(self) -> None:
        self._settle()
        self.reports.report(self)
        quality = self.reports.quality_to_tell(self)
        if quality is not None:
            self._emit(QualityReported(self.name, quality))

    def end(self) -> LegStats:
        """The leg is over; what was counted."""
        self.relay_to(None)
        if self.speaker is not None:
            self.speaker.relay_to(None)
        self._playout = self._decoder = self.put = None
        self._settle()
        quality = self.reports.end(self)
        self.sender.end()
        counts = self._sequences
        return LegStats(self.sender.sent, counts.received, counts.lost, counts.late, self.refused, quality)
