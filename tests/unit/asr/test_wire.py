import pytest

from asr.protocol import Segment, Transcript, Word
from asr.wire import (
    FromWorker,
    Listen,
    NothingCame,
    Ping,
    Pong,
    Ready,
    Sounds,
    StopListening,
    ToWorker,
    Transcribe,
    Transcribed,
    Understood,
    pack_command,
    pack_report,
    unpack_command,
    unpack_report,
)
from core.errors import ParseError

WORDS = (Word("旧车", 0.1, 0.5, 0.9), Word("置换", 0.5, 1.0))


@pytest.mark.parametrize(
    "command",
    [
        Listen(7, ("转人工", "投诉"), 5.0, 10.0),
        Listen(7, (), 0.0, 12.0, 1.0),
        StopListening(7),
        Transcribe(1, "/x.wav", ("caller", "agent")),
        Ping(),
    ],
)
def test_commands_survive_the_wire(command: ToWorker) -> None:
    line = pack_command(command)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert unpack_command(line) == command


@pytest.mark.parametrize(
    "report",
    [
        Ready("vosk/x", 4000),
        Understood(7, "旧车置换\n", WORDS),
        NothingCame(7, "silence"),
        Sounds(7, "您拨打的"),
        Pong(0.5),
        Pong(0.5, 17),
        Transcribed(1, Transcript("e", 3.0, (Segment("caller", 0.1, 1.0, "旧车置换", WORDS),), 0.4)),
    ],
)
def test_reports_survive_the_wire(report: FromWorker) -> None:
    line = pack_report(report)
    assert line.count(b"\n") == 1
    assert unpack_report(line) == report


@pytest.mark.parametrize("line", [b"", b"{}", b"nonsense", b'{"kind":"listen"}', b'{"kind":"other"}', b"\xff\xfe"])
def test_anything_else_is_a_fault(line: bytes) -> None:
    with pytest.raises(ParseError):
        unpack_command(line)
    with pytest.raises(ParseError):
        unpack_report(line)
