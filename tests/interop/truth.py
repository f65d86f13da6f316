"""A far end that knows what it sent and when, packet by packet, and the measures of what came out of the engine."""

import contextlib
import heapq
import os
import select
import socket
import struct
import sys
import threading
import time
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from core.audio import FRAME_SAMPLES, RATE_HZ, Pcm
from telephony.media.codecs import PCMA, PCMU
from telephony.media.codecs.g711 import Law
from telephony.media.port import Address, Stream
from telephony.rtp.packet import RtpPacket, parse_rtp
from tests.interop.rtp_peer import PAYLOAD_TYPES

LEAD_FRAMES = 15
"""Frames of silence before the sound: the engine has learnt the far end's place by then."""
G711S = {"PCMA": PCMA, "PCMU": PCMU}
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("qq")


class TruePeer:
    """Sends ``sound`` once after ``LEAD_FRAMES`` of silence, then silence, but for the packets of the frames ``lost``
    (counted from the first of the sound). ``sent_ns`` and ``packets`` hold times of the system's clock; those of
    arrival are the kernel's. ``Ends`` makes it go.
    """

    def __init__(self, codec: str, sound: Pcm, lost: frozenset[int] = frozenset()) -> None:
        self.codec: Law = G711S[codec]
        self.frames = -(-len(sound) // FRAME_SAMPLES)
        self.sound = np.zeros(self.frames * FRAME_SAMPLES, np.int16)
        self.sound[: len(sound)] = sound
        self.encoded = self.codec.encode(self.sound)
        self.lost = lost
        self.sent_ns: dict[int, int] = {}  # by frame of the sound
        self.packets: list[tuple[int, RtpPacket]] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.socket.setblocking(False)
        self.address = Address("127.0.0.1", self.socket.getsockname()[1])
        self.to = ("", 0)
        self.count = 0

    @property
    def said(self) -> Pcm:
        """The sound after one pass through the codec: what a perfect receiver hears."""
        return self.codec.decode(self.encoded)

    @property
    def done(self) -> bool:
        """All of it has been sent."""
        return self.count > LEAD_FRAMES + self.frames

    def stream(self) -> Stream:
        return Stream(self.address, self.codec.name, PAYLOAD_TYPES[self.codec.name], None)

    def send(self) -> None:
        """The next packet, now."""
        count, frame = self.count, self.count - LEAD_FRAMES
        self.count += 1
        inside = 0 <= frame < self.frames
        if inside and frame in self.lost:
            return
        silence = bytes([self.codec.silence]) * FRAME_SAMPLES
        payload = self.encoded[frame * FRAME_SAMPLES :][:FRAME_SAMPLES] if inside else silence
        packet = RtpPacket(PAYLOAD_TYPES[self.codec.name], count & 0xFFFF, count * FRAME_SAMPLES, 77, payload)
        if inside:
            self.sent_ns[frame] = time.time_ns()
        self.socket.sendto(packet.to_bytes(), self.to)

    def receive(self) -> None:
        """What has come."""
        with contextlib.suppress(BlockingIOError):
            data, ancillary, _, _ = self.socket.recvmsg(2048, 64)
            if not 192 <= data[1] <= 223:  # RTCP
                seconds, nanoseconds = _TIMESPEC.unpack_from(ancillary[0][2])
                self.packets.append((seconds * 1_000_000_000 + nanoseconds, parse_rtp(data)))

    def heard(self) -> Pcm:
        """What came, laid out by timestamp from the first packet on."""
        packets = list(self.packets)
        base = packets[0][1].timestamp
        places = [(packet.timestamp - base) & 0xFFFFFFFF for _, packet in packets]
        samples = np.zeros(max(places) + FRAME_SAMPLES, np.int16)
        for (_, packet), place in zip(packets, places, strict=True):
            decoded = self.codec.decode(packet.payload)
            samples[place : place + len(decoded)] = decoded
        return samples

    def laid_along(self, true: Pcm) -> tuple[Pcm, NDArray[np.bool_]]:
        """What came, beside ``true``, which it is a part of; and where anything came."""
        packets = list(self.packets)
        begins = place_in(self.heard(), true) if len(self.heard()) >= len(true) else 0
        laid, there = np.zeros(len(true), np.int16), np.zeros(len(true), bool)
        for _, packet in packets:
            at = ((packet.timestamp - packets[0][1].timestamp) & 0xFFFFFFFF) - begins
            if 0 <= at <= len(true) - FRAME_SAMPLES:
                laid[at : at + FRAME_SAMPLES] = self.codec.decode(packet.payload)
                there[at : at + FRAME_SAMPLES] = True
        return laid, there

    def lateness_ms(self) -> float:
        """How much later than on an even schedule the latest twentieth of the packets was sent."""
        times = np.array(sorted(self.sent_ns.items()), float)
        late = times[:, 1] / 1e6 - times[:, 0] * 20.0
        return float(np.percentile(late, 95) - late.min())

    def delays_ms(self, speaker: "TruePeer", begins: int) -> NDArray[np.float64]:
        """How long after ``speaker`` sent it each part of its sound came here. ``begins``: where the sound's first
        sample lies in ``heard``. Between two packets of the speaker, time passes evenly.
        """
        packets = list(self.packets)
        base = packets[0][1].timestamp
        times = np.array(sorted(speaker.sent_ns.items()))
        delays = []
        for at_ns, packet in packets:
            place = ((packet.timestamp - base) & 0xFFFFFFFF) - begins
            if 0 <= place <= times[-1, 0] * FRAME_SAMPLES:
                sent_ns = np.interp(place / FRAME_SAMPLES, times[:, 0], times[:, 1] - times[0, 1]) + times[0, 1]
                delays.append((at_ns - sent_ns) / 1e6)
        return np.array(delays)


class Ends:
    """Makes all far ends of a test go, in one thread, each on a 20 ms schedule of its own."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, TruePeer]] = []
        self._new: SimpleQueue[TruePeer] = SimpleQueue()
        self._epoll = select.epoll()
        self._peers: dict[int, TruePeer] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(0.0005)
        self._thread.start()

    def add(self, peer: TruePeer, to: Address) -> None:
        peer.to = (to.host, to.port)
        self._new.put(peer)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self._epoll.close()
        while not self._new.empty():
            self._new.get().socket.close()
        for peer in self._peers.values():
            peer.socket.close()
        sys.setswitchinterval(self._interval)

    def _run(self) -> None:
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -10)
        while not self._stop.is_set():
            while not self._new.empty():
                peer = self._new.get()
                self._peers[peer.socket.fileno()] = peer
                self._epoll.register(peer.socket.fileno(), select.EPOLLIN)
                heapq.heappush(self._due, (time.monotonic(), peer.socket.fileno(), peer))
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                at, number, peer = heapq.heappop(self._due)
                peer.send()
                heapq.heappush(self._due, (at + 0.02, number, peer))
            wait_s = max(0.0, min(0.02, self._due[0][0] - time.monotonic())) if self._due else 0.02
            for number, _ in self._epoll.poll(wait_s):
                self._peers[number].receive()


def place_in(heard: Pcm, said: Pcm) -> int:
    """Where ``said`` fits ``heard`` best (cross-correlation); -1 where it does not lie inside."""
    size = 1 << (len(heard) + len(said)).bit_length()
    spectrum = np.fft.rfft(heard.astype(float), size) * np.conj(np.fft.rfft(said.astype(float), size))
    correlation = np.fft.irfft(spectrum, size)[: max(1, len(heard) - len(said) + 1)]
    return int(correlation.argmax()) if len(heard) >= len(said) else -1


def follow(heard: Pcm, true: Pcm, reach: int = 200) -> Pcm:
    """``heard`` laid along ``true``, frame by frame, where a jitter buffer made pauses longer or shorter: around each
    frame the place is sought that fits best, unless the last place still does.
    """
    shift = place_in(heard, true)
    padded = np.concatenate((np.zeros(8000, float), heard.astype(float), np.zeros(8000 + len(true), float)))
    laid = np.zeros(len(true), np.int16)
    for start in range(0, len(true), FRAME_SAMPLES):
        low, high = max(0, start - 2 * FRAME_SAMPLES), min(len(true), start + 3 * FRAME_SAMPLES)
        wanted = true[low:high].astype(float)
        if np.sqrt(np.mean(wanted**2)) > 100.0:
            shift = _best_shift(padded, wanted, low, shift, reach)
        at = 8000 + start + shift
        laid[start : start + FRAME_SAMPLES] = padded[at : at + FRAME_SAMPLES][: len(true) - start]
    return laid


def _best_shift(padded: NDArray[np.float64], wanted: NDArray[np.float64], low: int, shift: int, reach: int) -> int:
    around = padded[8000 + low + shift - reach :][: len(wanted) + 2 * reach]
    energy = np.convolve(around**2, np.ones(len(wanted)), "valid") * np.sum(wanted**2)
    fit = np.correlate(around, wanted, "valid") / np.sqrt(np.maximum(energy, 1.0))
    return shift if fit[reach] > 0.98 else shift - reach + int(fit.argmax())


def frames_snr_db(true: Pcm, heard: Pcm) -> NDArray[np.float64]:
    """Signal to noise of each frame of 20 ms, within -10 and 60 dB; NaN for quiet ones."""
    length = len(true) // FRAME_SAMPLES * FRAME_SAMPLES
    was, became = (sound[:length].astype(float).reshape(-1, FRAME_SAMPLES) for sound in (true, heard))
    power = np.mean(was**2, axis=1)
    noise = np.maximum(np.mean((became - was) ** 2, axis=1), 1e-6)
    ratios = np.clip(10 * np.log10(np.maximum(power, 1e-6) / noise), -10, 60)
    return np.where(power > 100.0**2, ratios, np.nan)


def spectral_db(true: Pcm, heard: Pcm) -> float:
    """How far the spectrum of a piece is from what it was: mean over 18 bands, each third of an octave or so."""
    edges = np.unique(np.geomspace(2, len(true) // 2 + 1, 19).astype(int))[:-1]
    window = np.hanning(len(true))
    was, became = (
        10 * np.log10(np.add.reduceat(np.abs(np.fft.rfft(sound * window)) ** 2, edges) + 1e4) for sound in (true, heard)
    )
    return float(np.mean(np.abs(was - became)))


def snr_db(true: Pcm, heard: Pcm) -> float:
    """Signal to noise over the whole length; 99 where there is no noise at all."""
    noise = float(np.mean((heard.astype(float) - true) ** 2))
    return 10 * np.log10(float(np.mean(true.astype(float) ** 2)) / noise) if noise else 99.0


def segmental_snr_db(true: Pcm, heard: Pcm) -> float:
    """The mean over frames of 20 ms that are not quiet, each within -10 and 35 dB."""
    return float(np.nanmean(np.minimum(frames_snr_db(true, heard), 35.0)))


def voice(seconds: float, pitch_hz: float = 120.0, seed: int = 1) -> Pcm:
    """Like speech: syllables of a gliding pitch with moving formants, hisses between them, short pauses."""
    rng = np.random.default_rng(seed)
    pieces: list[NDArray[np.float64]] = []
    while sum(map(len, pieces)) < seconds * RATE_HZ:
        length = int(rng.uniform(0.12, 0.28) * RATE_HZ)
        at = np.arange(length) / RATE_HZ
        glide = pitch_hz * rng.uniform(0.8, 1.3) * np.linspace(1.0, rng.uniform(0.8, 1.25), length)
        phase = 2 * np.pi * np.cumsum(glide) / RATE_HZ
        formants = rng.uniform((300, 900, 2200), (800, 2000, 3000))
        sound = np.zeros(length)
        for harmonic in range(1, int(3400 / pitch_hz)):
            hz = harmonic * glide.mean()
            weight = sum(np.exp(-(((hz - formant) / 140) ** 2)) / (1 + index) for index, formant in enumerate(formants))
            sound += (weight + 0.02) * np.sin(harmonic * phase)
        sound *= np.minimum(1.0, np.minimum(at, at[::-1]) / 0.02)
        hiss = np.diff(rng.normal(0, 0.15, int(0.06 * RATE_HZ) + 1))
        pieces += [sound / np.abs(sound).max(), hiss, np.zeros(int(rng.uniform(0.01, 0.08) * RATE_HZ))]
    made = np.concatenate(pieces)[: int(seconds * RATE_HZ)]
    return np.rint(9000 * made).astype(np.int16)
