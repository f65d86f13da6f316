"""Audio truth: what goes through a real worker over real UDP, against what was sent, sample by sample.

Limits of time are medians here, so that a busy machine breaks nothing; ``python -m bench.media`` tells the tails.
"""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core.audio import FRAME_SAMPLES, Pcm
from telephony.media.client import MediaClient
from telephony.media.codecs import codec_named
from telephony.media.port import MediaEvent, PlayEnded, RecordingClosed
from tests.interop.rtp_peer import tone, write_clip
from tests.interop.sound import channels
from tests.interop.truth import (
    Ends,
    TruePeer,
    follow,
    frames_snr_db,
    place_in,
    segmental_snr_db,
    snr_db,
    spectral_db,
    voice,
)
from tests.shared import shared_path

pytestmark = pytest.mark.interop
CODECS = ("PCMA", "PCMU")
HZ = (1010.0, 930.0, 770.0, 610.0, 450.0)
LEVELS = (30.0, 300.0, 3000.0, 12000.0, 30000.0)
NOTHING = np.zeros(0, np.int16)
TAKES = 3
SPEECH = [
    pytest.param("", id="like-speech"),
    pytest.param("real/zh_000.ulaw", id="person"),
    pytest.param("synthetic/amd_00_zf_xiaoxiao.ulaw", id="synthesised"),
]


def speech(name: str, seconds: float = 4.0) -> Pcm:
    """Shared speech, or where none is named something like it."""
    if not name:
        return voice(seconds)
    path = shared_path("speech", *name.split("/"))
    if path is None:
        pytest.skip(f"needs shared material speech/{name} (set LINE400_SHARED)")
    return codec_named("PCMU").decode(path.read_bytes())[: round(seconds * 8000)]


class House:
    """One worker, its events, and far ends that are stopped at the end."""

    def __init__(self, client: MediaClient) -> None:
        self.client = client
        self.events: list[MediaEvent] = []
        self.peers: list[TruePeer] = []
        self.ends = Ends()
        client.subscribe(self.events.append)

    async def leg(self, name: str, peer: TruePeer, near: str = "") -> TruePeer:
        self.peers.append(peer)
        where = await self.client.open(name, near=near)
        await self.client.update(name, peer.stream())
        self.ends.add(peer, where)
        return peer

    async def until(self, count: int, kind: type) -> None:
        async with asyncio.timeout(20):
            while sum(isinstance(event, kind) for event in self.events) < count:  # noqa: ASYNC110 - other processes
                await asyncio.sleep(0.02)

    async def said(self) -> None:
        """Until everybody has said all, and it has been heard and recorded."""
        async with asyncio.timeout(30):
            while not all(peer.done for peer in self.peers):  # noqa: ASYNC110 - a thread
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.5)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    client = MediaClient(port_range=(24400, 24599))
    await client.start()
    made = House(client)
    try:
        yield made
    finally:
        made.ends.stop()
        await client.shut_down()


@pytest.mark.parametrize("name", SPEECH)
async def test_one_pass_of_g711_costs_what_the_codec_costs(house: House, tmp_path: Path, name: str) -> None:
    """Played to a far end: signal to noise within 1 dB of the codec's own, for tones of five levels and for speech."""
    parts = [tone(hz, 0.6, level) for hz, level in zip(HZ, LEVELS, strict=True)] + [speech(name)]
    clip = np.concatenate(parts)
    heard = {codec: await house.leg(codec, TruePeer(codec, NOTHING)) for codec in CODECS}
    for codec in CODECS:
        await house.client.play(codec, codec, [write_clip(tmp_path / f"{codec}.wav", clip)])
    await house.until(len(CODECS), PlayEnded)
    for peer in heard.values():
        once = peer.codec.decode(peer.codec.encode(clip))
        came, there = peer.laid_along(once)
        assert there.mean() > 0.9  # on a busy machine what is late is left out
        assert np.array_equal(came[there], once[there])
        for part, start in zip(parts, np.cumsum([0, *map(len, parts)]), strict=False):
            here = np.flatnonzero(there[start : start + len(part)]) + start
            assert snr_db(clip[here], came[here]) > snr_db(clip[here], once[here]) - 1.0


@pytest.mark.parametrize("name", SPEECH)
async def test_a_relayed_bridge_changes_no_sample_and_a_recording_holds_what_was_sent(
    house: House, tmp_path: Path, name: str
) -> None:
    sound = speech(name)
    left = await house.leg("a", TruePeer("PCMA", sound))
    right = await house.leg("b", TruePeer("PCMA", sound[::-1].copy()), near="a")
    await house.client.bridge("a", "b")
    path = tmp_path / "call.wav"
    await house.client.record("r", path, "a", "b")
    await house.said()
    for here, there in ((left, right), (right, left)):
        came = here.heard()
        begins = place_in(came, there.said)
        assert np.array_equal(came[begins:][: len(there.said)], there.said)
        assert float(np.median(here.delays_ms(there, begins))) <= 3.0
    await house.client.stop_record("r")
    await house.until(1, RecordingClosed)
    assert house.events[-1].fault == ""  # type: ignore[union-attr]
    begins_at = []
    for channel, peer in zip(channels(path), (left, right), strict=True):
        begins = place_in(channel, peer.said)
        assert np.array_equal(channel[begins:][: len(peer.said)], peer.said)
        begins_at.append(begins / 8 - peer.sent_ns[0] / 1e6)
    assert abs(begins_at[0] - begins_at[1]) <= 20.0  # ms: aligned within one packet


async def test_a_bridge_of_two_laws_costs_no_more_than_both_codecs(house: House) -> None:
    sound = voice(3.0)
    left = await house.leg("a", TruePeer("PCMA", sound))
    right = await house.leg("b", TruePeer("PCMU", sound[::-1].copy()), near="a")
    await house.client.bridge("a", "b")
    await house.said()
    for here, there in ((left, right), (right, left)):
        came = here.heard()
        begins = place_in(came, there.said)
        tandem = here.codec.decode(here.codec.encode(there.said))
        assert snr_db(there.sound, came[begins:][: len(there.sound)]) > snr_db(there.sound, tandem) - 1.0
        assert float(np.median(here.delays_ms(there, begins))) <= 3.0


@pytest.mark.parametrize("name", SPEECH)
async def test_a_mixed_bridge_adds_forty_milliseconds_at_most_and_no_noise(house: House, name: str) -> None:
    """A supervisor who may whisper makes what the agent hears a mix. Where the jitter buffer has made a pause longer or
    shorter, the sound is followed; frames in which it did so are not of the half that is looked at. The buffer bears
    what jitter there is: that of our own sending is allowed for, and where other work kept the bridge itself from the
    processor, it is listened to again.
    """
    excess_ms = []
    for take in range(TAKES):
        excess_ms.append(await mixed_excess_ms(house, f"-{take}", speech(name)))
        if excess_ms[-1] <= 0:
            return
    pytest.fail(f"later than 40 ms, by {excess_ms} ms in {TAKES} takes")


async def mixed_excess_ms(house: House, take: str, sound: Pcm) -> float:
    """How much more than 40 ms, and the lateness of our own sending, the median frame is delayed by a mixed bridge. It
    adds no noise, and its packets have no gap.
    """
    caller = await house.leg(f"caller{take}", TruePeer("PCMA", sound))
    agent = await house.leg(f"agent{take}", TruePeer("PCMA", NOTHING), near=f"caller{take}")
    await house.leg(f"supervisor{take}", TruePeer("PCMA", NOTHING), near=f"caller{take}")
    await house.client.hear(f"agent{take}", {f"caller{take}": 0.0, f"supervisor{take}": 0.0})
    await house.client.hear(f"supervisor{take}", {f"caller{take}": 0.0, f"agent{take}": 0.0})
    await house.said()
    came = agent.heard()
    hush = agent.codec.decode(bytes([agent.codec.silence]))  # what the supervisor adds: A-law has no zero
    twice = agent.codec.decode(agent.codec.encode(caller.said + hush))
    found = float(np.nanmedian(frames_snr_db(caller.sound, follow(came, caller.sound))))
    assert found > float(np.nanmedian(frames_snr_db(caller.sound, twice))) - 1.0
    delay_ms = float(np.median(agent.delays_ms(caller, place_in(came, caller.said))))
    print(f"mixed, {delay_ms:.1f} ms, {found:.1f} dB a frame")
    sequences = [packet.sequence for _, packet in agent.packets]
    assert {(after - before) & 0xFFFF for before, after in pairwise(sequences)} == {1}
    return delay_ms - 40.0 - caller.lateness_ms()


def drawn(frames: int, percent: int) -> frozenset[int]:
    """Single lost frames, spread by chance, the same each time."""
    rng = np.random.default_rng(percent)
    return frozenset(int(frame) for frame in rng.permutation(np.arange(3, frames - 3))[: frames * percent // 100])


def torn(peer: TruePeer) -> Pcm:
    """What a far end without concealment hears: silence in place of what is lost."""
    heard = peer.said.copy()
    for frame in peer.lost:
        heard[frame * FRAME_SAMPLES :][:FRAME_SAMPLES] = 0
    return heard


def lost_frames(peer: TruePeer, heard: Pcm) -> tuple[list[float], list[float]]:
    """For each lost frame that is not quiet: SNR in dB (0 where silence took its place), and how far its spectrum is
    from what it was, in dB (mean over 18 bands).
    """
    ratios = frames_snr_db(peer.said, heard)
    frames = [frame for frame in sorted(peer.lost) if not np.isnan(ratios[frame])]
    cut = [slice(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES) for frame in frames]
    return [float(ratios[frame]) for frame in frames], [spectral_db(peer.said[part], heard[part]) for part in cut]


@pytest.mark.parametrize("name", SPEECH[:2])
async def test_speech_under_loss_is_better_concealed_than_torn(house: House, tmp_path: Path, name: str) -> None:
    """0, 1, 3 and 5 % of the packets lost: the recording, and what a listener of a mix hears, against the same speech
    without loss, and against silence in place of what is lost. The waveform says little of the mix, whose jitter buffer
    moves pauses: its spectrum tells.
    """
    sound = speech(name)
    speakers = {
        percent: TruePeer("PCMA", sound, drawn(len(sound) // FRAME_SAMPLES, percent)) for percent in (0, 1, 3, 5)
    }
    listeners = {percent: TruePeer("PCMA", NOTHING) for percent in speakers}
    for percent, speaker in speakers.items():
        await house.leg(f"s{percent}", speaker)
        await house.leg(f"l{percent}", listeners[percent], near=f"s{percent}")
        await house.leg(f"o{percent}", TruePeer("PCMA", NOTHING), near=f"s{percent}")
        await house.client.hear(f"l{percent}", {f"s{percent}": 0.0, f"o{percent}": 0.0})
        await house.client.record(f"r{percent}", tmp_path / f"{percent}.wav", f"s{percent}", "")
    await house.said()
    for percent in speakers:
        await house.client.stop_record(f"r{percent}")
    await house.until(len(speakers), RecordingClosed)
    ratios: list[float] = []
    distances: dict[str, list[float]] = {"torn": [], "recorded": [], "mixed": []}
    for percent, speaker in speakers.items():
        heard = {
            "torn": torn(speaker),
            "recorded": follow(channels(tmp_path / f"{percent}.wav")[0], speaker.said),
            "mixed": follow(listeners[percent].heard(), speaker.said),
        }
        whole = {way: segmental_snr_db(speaker.said, sound) for way, sound in heard.items()}
        print(
            name or "like speech", f"{percent} % lost, segmental SNR:", *(f"{k} {v:.2f} dB" for k, v in whole.items())
        )
        if percent == 0:
            assert np.array_equal(heard["recorded"], speaker.said)  # nothing is changed without need
        ratios += lost_frames(speaker, heard["recorded"])[0]
        for way, sound_heard in heard.items():
            distances[way] += lost_frames(speaker, sound_heard)[1]
    print(
        f"lost frames: recorded {np.mean(ratios):.2f} dB;", *(f"{k} {np.mean(v):.1f} dB" for k, v in distances.items())
    )
    assert np.mean(ratios) > 0.5
    assert max(np.mean(distances["recorded"]), np.mean(distances["mixed"])) < 0.6 * np.mean(distances["torn"])
