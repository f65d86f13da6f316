"""What one leg sends to its far end: relayed packets as they come, clips and keys on the tick, all in one stream."""

from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

from core.audio import FRAME_SAMPLES, RATE_HZ
from telephony.media.codecs import PCMA, Codec
from telephony.media.player import Player
from telephony.media.port import MediaEvent, PlayEnded, Stream
from telephony.media.tones import key_tone
from telephony.media.track import Clock, Track
from telephony.rtp.dtmf import EventStep, key_steps
from telephony.rtp.outgoing import OutgoingStream
from telephony.rtp.packet import HEADER, MARKER, PLAIN

Transmit: TypeAlias = Callable[[bytes], int]
NO_TYPE: Final = -1
_pack = HEADER.pack


class LegSender:
    """The sending side of leg ``name``. ``changed`` is called when the partner may be heard again, or no longer.

    ``transmit`` is None while nothing may be sent. The relay of the partner reads and writes the plain attributes.
    """

    __slots__ = (
        "_changed",
        "_clock",
        "_emit",
        "_keys",
        "_name",
        "_speaker",
        "audio_type",
        "codec",
        "event_type",
        "mouth",
        "outgoing",
        "player",
        "ready",
        "sent",
        "transmit",
        "unsent",
    )

    def __init__(
        self,
        name: str,
        clock: Clock,
        outgoing: OutgoingStream,
        *,
        emit: Callable[[MediaEvent], None],
        changed: Callable[[], None],
    ) -> None:
        self._name = name
        self._clock = clock
        self._emit = emit
        self._changed: Callable[[], None] | None = changed
        self._keys: deque[EventStep] = deque()
        self._speaker: object = None  # who spoke last on the tick
        self.audio_type = NO_TYPE
        self.event_type = NO_TYPE
        self.codec: Codec = PCMA
        self.ready = False  # SDP has agreed on something
        self.mouth: Track | None = None  # what is sent, where someone records that
        self.outgoing = outgoing
        self.player: Player | None = None
        self.transmit: Transmit | None = None
        self.sent = 0
        self.unsent = 0

    def agree(self, stream: Stream, codec: Codec) -> None:
        """SDP has agreed on ``stream``."""
        self.ready = True
        self.codec = codec
        self.audio_type = stream.payload_type
        self.event_type = NO_TYPE if stream.event_type is None else stream.event_type
        if self.mouth is not None:
            self.mouth.change_codec(codec)

    @property
    def talking(self) -> bool:
        """Something is to be sent on the tick."""
        return self.player is not None or bool(self._keys)

    @property
    def relays(self) -> bool:
        """The partner's packets may be sent: there is a way, and no clip or key takes their place."""
        return self.transmit is not None and not self.talking

    def play(self, player: Player | None) -> None:
        """Play ``player`` in place of what plays now (None: only stop)."""
        before, self.player = self.player, player
        if before is not None:
            self._emit(PlayEnded(self._name, before.play, finished=False))
        self._change()

    def press(self, keys: str) -> None:
        """Send ``keys`` after those that are being sent; ``ValueError`` for a character that is no key."""
        self._keys.extend(list(key_steps(keys)))
        self._change()

    def tick(self, passed: int) -> None:
        """``passed`` frames of 20 ms (more than one after a stall) have gone by: send what belongs to the last one."""
        if self._keys:
            self._send_key(self._keys.popleft())
            if not self._keys:
                self._change()
            return
        player = self.player
        if player is None or not self.ready:
            return
        if passed > 1:
            player.skip(passed - 1)
        if player.done:
            self.player = None
            self._emit(PlayEnded(self._name, player.play, finished=True))
            self._change()
            return
        payload = player.take(self.codec)
        if self.transmit is not None:
            self._send_frame(player, payload, passed)

    def send(self, second: int, sequence: int, timestamp: int, payload: bytes) -> None:
        """Send one packet; ``second`` is payload type and marker bit."""
        if self.transmit is None:
            return
        try:
            self.transmit(_pack(PLAIN, second, sequence, timestamp, self.outgoing.ssrc) + payload)
            self.sent += 1
        except OSError:  # the far end's port is closed, or the network is gone: RTP goes on
            self.unsent += 1

    def _send_key(self, step: EventStep) -> None:
        if self.event_type == NO_TYPE:
            self._send_frame(self._keys, self._tone(step), 1)
            return
        if not step.payload:
            return
        outgoing = self.outgoing
        sequence, timestamp = outgoing.resume(self._clock.samples)
        if step.begins:
            outgoing.sent(sequence, timestamp, self._clock.samples)
        outgoing.sequence = sequence  # the timestamp stays that of the beginning (RFC 4733 section 2.5.1.2)
        self.send(self.event_type | (MARKER if step.begins else 0), sequence, outgoing.timestamp, step.payload)

    def _tone(self, step: EventStep) -> bytes:
        """A step of a key in the audio, for a far end that knows no telephone-event."""
        if not step.key:
            return bytes([self.codec.silence]) * FRAME_SAMPLES
        return self.codec.encode(key_tone(step.key, step.elapsed, FRAME_SAMPLES))

    def _send_frame(self, speaker: object, payload: bytes, passed: int) -> None:
        outgoing = self.outgoing
        now = self._clock.samples
        second = self.audio_type
        if speaker is self._speaker and now - outgoing.sent_at < RATE_HZ:
            sequence = (outgoing.sequence + 1) & 0xFFFF
            timestamp = (outgoing.timestamp + FRAME_SAMPLES * passed) & 0xFFFFFFFF
        else:
            self._speaker = speaker
            sequence, timestamp = outgoing.resume(now)
            second |= MARKER
        self.send(second, sequence, timestamp, payload)
        outgoing.sent(sequence, timestamp, now)
        if self.mouth is not None:
            self.mouth.timeline.put(outgoing.ssrc, timestamp, payload, now)

    def _change(self) -> None:
        self._speaker = None
        if self._changed is not None:
            self._changed()

    def end(self) -> None:
        """The leg is over: let go of it (the garbage collector of a worker seldom runs)."""
        self._changed = None
        self.transmit = None
