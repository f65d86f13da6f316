"""The hot path and its compiled twin: both are fed the same packets and must do the same, byte for byte."""

import importlib
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.media import flow, pump, samples
from telephony.media.codecs import PCMA, PCMU
from telephony.rtp import reel, tape
from telephony.rtp.jitter import AudioTimeline

PURE = SimpleNamespace(
    Clock=flow.Clock,
    Flow=flow.Flow,
    Voice=flow.Voice,
    speak=flow.speak,
    Pump=pump.Pump,
    NewTape=tape.PlainTape,
    NewReel=reel.PlainReel,
    interleave=samples.interleave,
    send_linear=samples.send_linear,
)


def _compiled() -> ModuleType | None:
    try:
        return importlib.import_module("telephony.media._pump")
    except ImportError:
        return None


COMPILED = _compiled()
TWINS = [pytest.param(PURE, id="python"), pytest.param(COMPILED, id="compiled")]
needs_compiler = pytest.mark.skipif(COMPILED is None, reason="telephony.media._pump could not be built here")


@pytest.fixture(params=TWINS)
def twin(request: pytest.FixtureRequest) -> Any:
    if request.param is None:
        pytest.skip("telephony.media._pump could not be built here")
    return request.param


class World:
    """One leg that hears and one voice that speaks, of either twin, and all that they do."""

    def __init__(self, twin: Any, *, refuses: bool = False) -> None:
        self.clock = twin.Clock()
        self.sent: list[bytes] = []
        self.strays: list[bytes] = []
        self.puts: list[tuple[int, int, bytes, int]] = []
        self.ticks: list[int] = []
        world = self

        class Leg(twin.Flow):  # type: ignore[misc]
            __slots__ = ()

            def stray(self, data: bytes) -> None:
                world.strays.append(data)
                if len(data) > 12:
                    self.next_sequence = (int.from_bytes(data[2:4]) + 1) & 0xFFFF

        class Sender(twin.Voice):  # type: ignore[misc]
            __slots__ = ()

            def tick(self, passed: int) -> None:
                world.ticks.append(passed)

        def transmit(data: bytes) -> int:
            if refuses and len(self.sent) % 3 == 2:
                self.sent.append(b"")
                raise ConnectionRefusedError
            self.sent.append(data)
            return len(data)

        self.clock.samples = 4000
        self.leg, self.voice = Leg(self.clock), Sender()
        self.leg.payload_type, self.leg.ssrc, self.leg.tape = 8, 7, twin.NewTape()
        self.leg.hearer = self.voice
        self.leg.put = lambda *packet: self.puts.append(packet)
        self.voice.payload_type, self.voice.ssrc, self.voice.tape = 0, 0xFFFFFFF0, twin.NewTape()
        self.voice.transmit = transmit

    def state(self) -> list[object]:
        leg, voice = self.leg, self.voice
        names = (
            "clock_ratio heard_at jitter next_sequence payload_type run sequence_offset ssrc timestamp_offset transit"
        )
        spoken = "at descriptor octets payload_type sent sent_at sequence ssrc timestamp unsent"
        return [
            [getattr(leg, name) for name in names.split()],
            [getattr(voice, name) for name in spoken.split()],
            self.sent,
            self.strays,
            self.puts,
            self.ticks,
            [tuple(run) for run in leg.tape.take()],
            [tuple(run) for run in voice.tape.take()],
        ]


def packet(second: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, first: int = 0x80) -> bytes:
    return struct.pack("!BBHII", first, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 1, 1, 1, 2, 0, -1]),  # sequence
        st.sampled_from([0x80, 0x80, 0x80, 0x80, 0x90, 0x00]),
        st.sampled_from([8, 8, 8, 8, 8, 0x88, 101]),
        st.sampled_from([7, 7, 7, 7, 9]),
        st.sampled_from([160, 160, 160, 80, 0, 70000]),  # timestamp
        st.sampled_from([160, 160, 160, 155, 165, 0, 1200, 20000]),  # clock
        st.sampled_from([160, 160, 160, 1, 0, 1400, 2036]),  # payload
    ),
    max_size=40,
)


@needs_compiler
@settings(max_examples=100, deadline=None)
@given(STEPS, st.integers(-70000, 70000), st.integers(-(2**32), 2**32), st.booleans(), st.booleans(), st.booleans())
def test_both_twins_hear_and_relay_the_same(
    steps: list[tuple[int, ...]], sequence_offset: int, timestamp_offset: int, law: bool, notes: bool, refuses: bool
) -> None:
    ends = []
    for twin in (PURE, COMPILED):
        world = World(twin, refuses=refuses)
        world.leg.sequence_offset, world.leg.timestamp_offset = sequence_offset, timestamp_offset
        world.leg.table = bytes(reversed(range(256))) if law else None
        if not notes:
            world.leg.tape, world.leg.put = twin.NewTape(), None
        sequence, timestamp = 65530, 2**32 - 500
        for ahead, first, second, ssrc, ticks, later, size in steps:
            sequence, timestamp = sequence + ahead, timestamp + ticks
            world.clock.samples += later
            payload = bytes((sequence * 31 + index) & 0xFF for index in range(size))
            world.leg.hear(packet(second, sequence, timestamp, ssrc, payload, first))
        ends.append(world.state())
    assert ends[0] == ends[1]


@needs_compiler
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([1, 1, 1, 2]), st.sampled_from([160, 160, 9000])), max_size=30),
    st.integers(0, 3000),
    st.booleans(),
)
def test_both_twins_speak_the_same(ticks: list[tuple[int, int]], length: int, refuses: bool) -> None:
    ends = []
    for twin in (PURE, COMPILED):
        world = World(twin, refuses=refuses)
        world.voice.script, world.voice.at = bytes(index & 0xFF for index in range(length)), 0
        world.voice.sequence, world.voice.timestamp = 65533, 2**32 - 200
        world.voice.send(0x88, 65533, 2**32 - 200, b"first")
        for passed, later in ticks:
            world.clock.samples += later
            twin.speak([world.voice], passed, world.clock.samples)
        world.voice.transmit = None
        twin.speak([world.voice], 1, world.clock.samples)
        ends.append(world.state())
    assert ends[0] == ends[1]


@needs_compiler
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 1, 1, 2]),
            st.sampled_from([160, 160, 160, 80]),
            st.sampled_from([160, 160, 0, 1000]),
            st.sampled_from([160, 160, 1, 1400, 5000]),
            st.booleans(),
        ),
        max_size=80,
    )
)
def test_both_twins_note_the_same_runs(packets: list[tuple[int, int, int, int, bool]]) -> None:
    made = []
    for twin in (PURE, COMPILED):
        assert twin is not None
        line = twin.NewTape()
        timestamp, now = 2**32 - 1000, 0
        for ssrc, ticks, later, size, begins in packets:
            timestamp, now = (timestamp + ticks) & 0xFFFFFFFF, now + later
            line.add(ssrc, timestamp, bytes([ssrc, size & 0xFF]) * (size // 2), now, begins)
        made.append((len(line), [tuple(run) for run in line.take()], len(line), line.take()))
    assert made[0] == made[1]


@needs_compiler
@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 1, 1, 1, 1, 1, 1, 2]),  # source
            st.sampled_from([160, 160, 160, 160, 160, 160, 320, 0, -160, 9000]),  # timestamp
            st.sampled_from([160, 160, 160, 160, 160, 170, 150, 0, 1600, 40000]),  # clock
            st.sampled_from([0, 0, 0, 1]),  # marker
            st.sampled_from([0, 0, 1, 2, 3]),  # what is read then
        ),
        max_size=60,
    )
)
def test_timelines_over_both_reels_read_the_same(packets: list[tuple[int, int, int, int, int]]) -> None:
    heard = []
    for twin in (PURE, COMPILED):
        assert twin is not None
        line = AudioTimeline(PCMA.silence, 0, twin.NewReel(PCMA.silence, 0), PCMA)
        timestamp, now, read = 2**32 - 2000, 0, []
        for number, (ssrc, ticks, later, begins, reads) in enumerate(packets):
            timestamp, now = (timestamp + ticks) & 0xFFFFFFFF, now + later
            line.put(ssrc, timestamp, bytes((number * 7 + at) & 0xFF for at in range(160)), now, begins=bool(begins))
            if reads == 1:
                read.append(line.read(now - 720, now - 480))
            elif reads == 2:
                read.append(str(line.heard_until()).encode())
            elif reads == 3 and number % 9 == 8:
                line.change_codec(PCMA.to_other, PCMU.silence, PCMU)
        read.append(line.read(max(0, now - 20000), now + 300))
        heard.append((read, line.dropped, line.heard_until()))
    assert heard[0] == heard[1]


def test_g711_is_interleaved_and_sent_as_samples(twin: Any, line: tuple[socket.socket, socket.socket]) -> None:
    left, right = bytes(range(256)), bytes(reversed(range(256)))
    tables = samples.linear_of(PCMA), samples.linear_of(PCMU)
    stereo = np.frombuffer(twin.interleave(left, right, *tables), "<i2").reshape(-1, 2)
    assert np.array_equal(stereo[:, 0], PCMA.decode(left))
    assert np.array_equal(stereo[:, 1], PCMU.decode(right))
    with pytest.raises(ValueError, match="one length"):
        twin.interleave(left, right[1:], *tables)
    far, own = line
    assert twin.send_linear(own.fileno(), b"head", left, tables[0])
    assert far.recv(2048) == b"head" + PCMA.decode(left).astype("<i2").tobytes()
    far.close()
    assert False in {twin.send_linear(own.fileno(), b"head", left, tables[0]) for _ in range(3)}


@needs_compiler
def test_the_compiled_reel_stays_within_its_ring() -> None:
    assert COMPILED is not None
    made = COMPILED.NewReel(255, -5)
    made.lay(reel.RING - 3, b"abcdef")
    assert made.copy(reel.RING - 4, reel.RING + 4) == b"\xffabcdef" + made.copy(reel.RING + 3, reel.RING + 4)
    made.hush(10**12)
    assert made.copy(10**12 - reel.RING, 10**12) == b"\xff" * reel.RING
    assert made.copy(5, 4) == b""
    for wrong in (
        lambda: made.copy(0, reel.RING + 1),
        lambda: made.lay(0, bytes(reel.RING + 1)),
        lambda: made.recode(bytes(255), 0),
        lambda: COMPILED.interleave(b"a", b"a", bytes(512), bytes(511)),
        lambda: COMPILED.send_linear(0, bytes(65), b"a", bytes(512)),
        lambda: COMPILED.send_linear(0, b"", bytes(2049), bytes(512)),
    ):
        with pytest.raises(ValueError, match=r"longer|table|length|long"):
            wrong()


@needs_compiler
def test_a_compiled_flow_that_was_never_begun_relays_nothing() -> None:
    assert COMPILED is not None
    strays: list[bytes] = []

    class Unbegun(COMPILED.Flow):  # type: ignore[misc, name-defined]  # known at run time only
        def __init__(self) -> None:
            pass

        def stray(self, data: bytes) -> None:
            strays.append(data)

    packet = bytes([0x80]) + bytes(40)
    Unbegun().hear(packet)
    assert strays == [packet]
    with pytest.raises(RuntimeError, match="without a clock"):
        Unbegun().reckon(0)


def test_what_is_called_for_a_packet_may_take_its_own_place_away(twin: Any) -> None:
    world = World(twin)
    heard: list[int] = []

    def put(sequence: int, *_: object) -> None:
        heard.append(sequence)
        world.leg.put = None

    world.leg.next_sequence, world.leg.put = 1, put
    del put  # the leg alone holds it
    for sequence in (1, 2):
        world.leg.hear(struct.pack("!BBHII", 0x80, 8, sequence, 160 * sequence, 7) + bytes(160))
    assert heard == [1]


def test_jitter_is_that_of_rfc_3550(twin: Any) -> None:
    """A steady stream has none; one whose packets come by turns 5 ms early and late settles at 10 ms (A.8)."""
    world = World(twin)
    for number in range(400):
        world.clock.samples = 4000 + 160 * number
        world.leg.reckon(160 * number)
    assert world.leg.jitter == 0
    for number in range(400, 800):
        world.clock.samples = 4000 + 160 * number + (40 if number % 2 else -40)
        world.leg.reckon(160 * number)
    assert world.leg.jitter / 16 == pytest.approx(80, abs=1)


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two UDP sockets that are connected to each other: a far end's and ours."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own,
    ):
        far.bind(("127.0.0.1", 0))
        own.bind(("127.0.0.1", 0))
        far.connect(own.getsockname())
        own.connect(far.getsockname())
        far.settimeout(5.0)
        yield far, own


def test_the_pump_relays_between_sockets(twin: Any, line: tuple[socket.socket, socket.socket]) -> None:
    far, own = line
    world = World(twin)
    turns = twin.Pump(world.clock, 0)
    turns.carry(own.fileno(), world.leg)
    world.voice.descriptor, world.voice.transmit = own.fileno(), own.send
    payload = bytes(range(160))
    far.send(packet(8, 100, 160, 7, payload))  # not flowing yet
    turns.turn()
    far.send(packet(8, 101, 320, 7, payload))
    turns.turn()
    assert far.recv(2048) == packet(0, 101, 320, 0xFFFFFFF0, payload)
    assert [len(data) for data in world.strays] == [172]
    assert world.leg.heard_at == world.clock.samples > 4000
    assert (world.voice.sent, world.voice.octets, world.voice.unsent) == (1, 160, 0)
    turns.forget(own.fileno())
    turns.forget(own.fileno())
    turns.close()


def test_many_packets_are_handled_by_the_millisecond(twin: Any, line: tuple[socket.socket, socket.socket]) -> None:
    far, own = line
    world = World(twin)
    turns = twin.Pump(world.clock, time.monotonic_ns())
    turns.carry(own.fileno(), world.leg)
    sent = 0

    def take(count: int) -> int:
        """So many packets, one in each turn; samples of the clock that this took."""
        nonlocal sent
        before = world.clock.samples
        for _ in range(count):
            far.send(packet(8, sent + 100, 160 * sent, 7, bytes(160)))
            sent += 1
            turns.turn()
        return world.clock.samples - before

    def dozes_after_20_ms() -> bool:
        span = world.clock.samples // 160
        while world.clock.samples // 160 == span:
            take(1)
        return take(8) >= 7 * 8

    assert any(dozes_after_20_ms() for _ in range(50))  # a busy machine may not come to 80 packets in 20 ms at once
    assert len(world.strays) + world.leg.run == sent
    turns.close()


def test_the_pump_calls_handlers_and_says_when_something_can_be_written(
    twin: Any, line: tuple[socket.socket, socket.socket]
) -> None:
    far, own = line
    called: list[bytes] = []
    turns = twin.Pump(twin.Clock(), 0)

    def read() -> None:
        own.setblocking(False)
        try:
            called.append(own.recv(100))
        except BlockingIOError:
            called.append(b"")

    turns.watch(own.fileno(), read)
    far.send(b"one")
    turns.turn()
    turns.writing(own.fileno(), True)
    turns.turn()
    turns.writing(own.fileno(), False)
    far.send(b"two")
    turns.turn()
    assert called == [b"one", b"", b"two"]
    turns.close()


def test_what_a_handler_raises_ends_the_turn(twin: Any, line: tuple[socket.socket, socket.socket]) -> None:
    def fail() -> None:
        raise RuntimeError("here")

    far, own = line
    turns = twin.Pump(twin.Clock(), 0)
    turns.watch(own.fileno(), fail)
    far.send(b"one")
    with pytest.raises(RuntimeError, match="here"):
        turns.turn()
    turns.close()


@needs_compiler
@pytest.mark.parametrize(
    "wrong",
    [
        lambda twin, world: setattr(world.leg, "hearer", "nobody"),
        lambda twin, world: setattr(world.leg, "tape", []),
        lambda twin, world: setattr(world.voice, "script", bytearray(400)),
        lambda twin, world: twin.Flow(None),
        lambda twin, world: twin.speak([None], 1, 0),
        lambda twin, world: world.leg.hear(None),
    ],
)
def test_the_compiled_twin_takes_no_wrong_types(wrong: Callable[[Any, World], object]) -> None:
    with pytest.raises(TypeError):
        wrong(COMPILED, World(COMPILED))


@needs_compiler
def test_the_python_twin_can_be_asked_for() -> None:
    command = [sys.executable, "-c", "from telephony.media import native; print(native.COMPILED)"]
    for pure, expected in (("", "True"), ("1", "False")):
        environment = os.environ | {"LINE400_PURE": pure}
        assert subprocess.check_output(command, env=environment, text=True).strip() == expected


@needs_compiler
def test_the_engine_does_the_same_in_python() -> None:
    """What this run tests with the compiled twin, once more without it."""
    here = Path(__file__).parent
    files = [str(here / f"test_{name}.py") for name in ("engine", "taps", "recorder")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(
        command,
        env=os.environ | {"LINE400_PURE": "1"},
        cwd=here.parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
