"""What one leg sends to its far end: relayed packets as they come, clips and keys on the tick, all in one stream.

Sequence numbers and timestamps go on without a step when the speaker changes: the next packet has the next number, and
a timestamp that is later by the time that has passed. Its marker bit tells the far end to settle its buffer anew.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from core.audio import FRAME_SAMPLES, PTIME_MS, RATE_HZ, Pcm
from telephony.media.codecs import PCMA, Law
from telephony.media.decoding import track_law
from telephony.media.native import Voice
from telephony.media.packing import Packed, Packing, is_plain
from telephony.media.player import Player
from telephony.media.port import MediaEvent, PlayEnded, Stream
from telephony.media.tones import key_tone
from telephony.media.track import Clock, Track
from telephony.rtp.dtmf import EventStep, key_steps
from telephony.rtp.fade import Sound, rising, to_pcm
from telephony.rtp.formats import FORMATS, format_named
from telephony.rtp.packet import MARKER

Transmit: TypeAlias = Callable[[bytes], int]
NO_TYPE: Final = -1


class LegSender(Voice):
    """The sending side of leg ``name``. ``changed`` is called when relayed packets may be sent again, or no longer.

    ``entropy`` is 10 unpredictable bytes (RFC 3550 section 5.1: where the numbers of a stream begin).
    """

    __slots__ = (
        "_begun",
        "_carry",
        "_carry_at",
        "_changed",
        "_clock",
        "_emit",
        "_keys",
        "_lent",
        "_mouth",
        "_name",
        "_opens",
        "_packing",
        "_ptime_ms",
        "_speaker",
        "_spoken_at",
        "codec",
        "comfort_type",
        "event_clock_hz",
        "event_type",
        "format",
        "player",
        "ready",
    )

    def __init__(
        self,
        name: str,
        clock: Clock,
        entropy: bytes,
        *,
        emit: Callable[[MediaEvent], None],
        changed: Callable[[], None],
    ) -> None:
        super().__init__()
        self.ssrc = int.from_bytes(entropy[:4])
        self.sequence = int.from_bytes(entropy[4:6]) >> 1  # low, so that it does not wrap soon
        self.timestamp = int.from_bytes(entropy[6:10])
        self._begun = False
        self._carry: Sound | None = None
        self._carry_at = 0
        self._name = name
        self._clock = clock
        self._emit = emit
        self._changed: Callable[[], None] | None = changed
        self._keys: deque[EventStep] = deque()
        self._speaker: object = None  # who spoke last on the tick
        self._lent = False
        self._mouth: Track | None = None
        self._packing: Packing | None = None  # None: a frame of the tick is a packet
        self._opens = False  # the next packet of the packing is a speaker's first
        self._ptime_ms = PTIME_MS
        self._spoken_at = 0  # where the newest frame of the tick stands in ``mouth``, where that is not encoded alike
        self.event_clock_hz = RATE_HZ
        self.event_type = NO_TYPE
        self.comfort_type = NO_TYPE
        self.format = FORMATS["PCMA"]
        self.codec: Law = PCMA
        self.ready = False  # SDP has agreed on something
        self.player: Player | None = None

    @property
    def mouth(self) -> Track | None:
        """What is sent, where someone records that."""
        return self._mouth

    @mouth.setter
    def mouth(self, track: Track | None) -> None:
        self._mouth = track
        self._aim_tape()
        if self.format.is_wide and self._changed is not None:
            self._changed()  # who is relayed to us must decode for it

    def _aim_tape(self) -> None:
        """Packets of G.711 are noted as they are; in a wide codec, frames of the tick are, or what is relayed decoded
        (``leg``).
        """
        self.tape = None if self._mouth is None or self.format.is_wide else self._mouth.timeline.tape

    def agree(self, stream: Stream) -> None:
        """SDP has agreed on ``stream``; ``ParseError`` for a codec that we do not have."""
        form = format_named(stream.codec)
        self.ready = True
        self._pause()  # what was encoded for another codec must not go on
        if form is not self.format or stream.ptime_ms != self._ptime_ms:
            self._speaker = None
            self._packing = None if is_plain(form, stream.ptime_ms) else Packing(form, stream.ptime_ms)
        self.format = form
        self._ptime_ms = stream.ptime_ms
        self.codec = codec = track_law(form)
        self.event_clock_hz = stream.event_clock_hz
        self.payload_type = stream.payload_type
        self.event_type = NO_TYPE if stream.event_type is None else stream.event_type
        self.comfort_type = NO_TYPE if stream.comfort_type is None else stream.comfort_type
        if self._mouth is not None:
            self._mouth.change_codec(codec)
            self._aim_tape()

    @property
    def talking(self) -> bool:
        """Something is to be sent on the tick."""
        return self.player is not None or bool(self._keys)

    @property
    def relays(self) -> bool:
        """Relayed packets may be sent: there is a way, and no clip or key takes their place."""
        return self.transmit is not None and not self.talking

    def play(self, player: Player | None) -> None:
        """Play ``player`` in place of what plays now (None: only stop)."""
        self.script = None
        before, self.player = self.player, player
        if before is not None:
            self._emit(PlayEnded(self._name, before.play, finished=False))
        self._change()

    def press(self, keys: str) -> None:
        """Send ``keys`` after those that are being sent; ``ValueError`` for a character that is no key."""
        self._keys.extend(list(key_steps(keys, self.event_clock_hz)))
        self._change()

    def tick(self, passed: int) -> None:
        """``passed`` frames of 20 ms (more than one after a stall) have gone by: send what belongs to the last one."""
        if self._keys:
            self._send_key(self._keys.popleft())
            if not self._keys:
                self._change()
            return
        self._pause()
        player = self.player
        payload = None if self._lent else self._next_frame(passed)
        if player is None or payload is None or self.transmit is None:
            return
        if self._packing is not None:
            self.say_pcm(player, self.codec.decode(payload), passed)
        else:
            self.say(player, payload, passed)
            self.script, self.at = player.script, player.position  # ``go_on`` does the rest

    def _next_frame(self, passed: int) -> bytes | None:
        """The frame of the clip that belongs to the last of ``passed``; None where there is none, or it has ended."""
        player = self.player
        if player is None or not self.ready:
            return None
        if passed > 1:
            player.skip(passed - 1)
        if not player.done:
            return player.take(self.codec)
        self.player = None
        if self._packing is not None:
            self._send_packets(self._packing.finish())
        self._emit(PlayEnded(self._name, player.play, finished=True))
        self._change()
        return None

    def lend(self, *, lent: bool) -> None:
        """The clip is drawn by whoever mixes something over it (``draw``) and no longer sent on the tick, or again."""
        self._pause()
        self._lent = lent

    def draw(self, passed: int) -> Pcm | None:
        """The next 20 ms of the clip that is lent; None where none plays."""
        frame = self._next_frame(passed)
        return None if frame is None else self.codec.decode(frame)

    @property
    def occupied(self) -> bool:
        """A key or clip is sent on the tick in place of any mix."""
        return bool(self._keys) or (self.player is not None and not self._lent)

    def _pause(self) -> None:
        """The next frame of the clip is not sent by ``go_on`` but by ``tick``."""
        if self.script is not None and self.player is not None:
            self.player.position = self.at
        self.script = None

    def resume(self, now: int) -> tuple[int, int]:
        """Sequence number and timestamp for a packet of a new speaker, sent at ``now``."""
        newest = max(PTIME_MS, self._ptime_ms) * RATE_HZ // 1000  # as long as the newest packet may be
        passed = max(newest, now - self.sent_at) if self._begun else newest
        self._begun = True
        self._speaker = None
        return (self.sequence + 1) & 0xFFFF, (self.timestamp + passed * self.format.clock_ratio) & 0xFFFFFFFF

    def follow(self, carry: Sound | None) -> None:
        """The next relayed packet, if it comes at once, is to follow on a mix of which ``carry`` is the end, fading."""
        self._carry, self._carry_at = carry, self._clock.samples

    def join_on(self, payload: bytes) -> bytes:
        """The first packet of another speaker, without a step after what was mixed before (see ``follow``)."""
        carry, self._carry = self._carry, None
        if carry is None or self.format.is_wide or self._clock.samples - self._carry_at > 2 * FRAME_SAMPLES:
            return payload
        sound = self.codec.decode(payload).astype(np.float32)
        length = min(len(sound), len(carry))
        sound[:length] = sound[:length] * rising(length) + carry[:length]
        return self.codec.encode(to_pcm(sound))

    def note_sent(self, sequence: int, timestamp: int, now: int) -> None:
        """A packet with these numbers was sent."""
        self.sequence = sequence
        self.timestamp = timestamp
        self.sent_at = now

    def _send_key(self, step: EventStep) -> None:
        if self.event_type == NO_TYPE:
            self.say_pcm(self._keys, _tone(step), 1)
            return
        if not step.payload:
            return
        now = self._clock.samples
        sequence, timestamp = self.resume(now)
        if step.begins:
            self.note_sent(sequence, timestamp, now)
        self.sequence = sequence  # the timestamp stays that of the beginning (RFC 4733 section 2.5.1.2)
        self.send(self.event_type | (MARKER if step.begins else 0), sequence, self.timestamp, step.payload)

    def say(self, speaker: object, payload: bytes, passed: int) -> None:
        """Send one frame of ``speaker`` in G.711, ``passed`` frames after his last one (a new speaker: after whatever
        was).
        """
        now = self._clock.samples
        second = self.payload_type
        if speaker is self._speaker and now - self.sent_at < RATE_HZ:
            sequence = (self.sequence + 1) & 0xFFFF
            timestamp = (self.timestamp + FRAME_SAMPLES * passed) & 0xFFFFFFFF
        else:
            sequence, timestamp = self.resume(now)
            self._speaker = speaker
            second |= MARKER
        self.send(second, sequence, timestamp, payload)
        self.note_sent(sequence, timestamp, now)
        if self.tape is not None:
            self.tape.add(self.ssrc, timestamp, payload, now)

    def say_pcm(self, speaker: object, samples: Pcm, passed: int) -> None:
        """As ``say``, with 20 ms of samples of 8 kHz; for every codec and length of packets."""
        if self._packing is None:
            self.say(speaker, self.codec.encode(samples), passed)
            return
        now = self._clock.samples
        goes_on = speaker is self._speaker and now - self.sent_at < RATE_HZ
        if not goes_on:
            self._packing.restart()
            self._speaker = speaker
            self._opens = True
        if self._mouth is not None and self.format.is_wide:
            self._spoken_at = self._spoken_at + FRAME_SAMPLES * passed if goes_on else now
            self._mouth.timeline.put(self.ssrc, self._spoken_at, self.codec.encode(samples), now)
        self._send_packets(self._packing.feed(samples, skipped=passed - 1 if goes_on else 0))

    def _send_packets(self, packets: list[Packed]) -> None:
        now, speaker = self._clock.samples, self._speaker
        for packet in packets:
            second = self.payload_type
            if self._opens:
                sequence, timestamp = self.resume(now)
                self._speaker = speaker
                self._opens = False
                second |= MARKER
            else:
                sequence = (self.sequence + 1) & 0xFFFF
                timestamp = (self.timestamp + packet.step) & 0xFFFFFFFF
            self.send(second, sequence, timestamp, packet.payload)
            self.note_sent(sequence, timestamp, now)
            if self.tape is not None:
                self.tape.add(self.ssrc, timestamp, packet.payload, now)

    def _change(self) -> None:
        self._pause()
        self._speaker = None
        if self._changed is not None:
            self._changed()

    def end(self) -> None:
        """The leg is over: let go of it (the garbage collector of a worker seldom runs)."""
        self._changed = None
        self.script = None
        self.transmit = None
        self.descriptor = -1


def _tone(step: EventStep) -> Pcm:
    """A step of a key in the audio, for a far end that knows no telephone-event."""
    return key_tone(step.key, step.elapsed, FRAME_SAMPLES) if step.key else np.zeros(FRAME_SAMPLES, np.int16)
