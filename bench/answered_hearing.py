"""What a recogniser worker and a media worker would tell of a call, and when: the evidence, without any process.

Time is the call's own. Decoding takes the processor time that it took here, so a machine that is busy with other work
does not make it look slower than it is; while it lasts no other is begun, as in a worker that has one caller.
"""

import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from asr.decoding import Decoding
from asr.progress.evidence import Evidence, SpeechBegins, ToneSounds, WordsHeard
from asr.progress.words import Words
from asr.protocol import Engine
from asr.stream import LiveStream, Speech, SpeechBegan, SpeechOver, SpeechPaused, SpeechResumed
from core.audio import RATE_HZ, Pcm
from core.tap import TapFrame
from service.answering import EVERY_S, UTTERANCE_S
from telephony.sound.cadence import ToneFound
from telephony.sound.detect import Listener

BEFORE_S: Final = 0.5
AFTER_S: Final = 4.0
_TAP: Final = RATE_HZ * 60 // 1000
_TAP_S: Final = 0.12
"""A tap is so far behind the present, at most."""
_TONES: Final = ("ringback", "busy", "congestion", "beep", "cng", "ced")
_TONE_PIECE: Final = RATE_HZ // 10
_TONE_S: Final = 0.18
"""Tones are told so much later."""


@dataclass(slots=True)
class _Clock:
    """When the recogniser is free again, and the processor time that it took in all."""

    free_s: float = 0.0
    spent_s: float = 0.0
    decodings: int = 0

    def run(self, at_s: float, cpu_s: float) -> float:
        """A decoding that is asked for at ``at_s``; when it is done."""
        self.free_s = max(self.free_s, at_s) + cpu_s
        self.spent_s += cpu_s
        self.decodings += 1
        return self.free_s


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is told of a call, in the order of its times; and the processor time of decoding."""

    evidence: tuple[Evidence, ...]
    spent_s: float
    decodings: int


def hear(engine: Engine, sound: Pcm) -> Hearing:
    """Everything that is told of a call with ``sound`` after ``BEFORE_S`` of silence."""
    silence = np.zeros(int(BEFORE_S * RATE_HZ), dtype=np.int16), np.zeros(int(AFTER_S * RATE_HZ), dtype=np.int16)
    call = np.concatenate((silence[0], sound, silence[1]))
    clock = _Clock()
    evidence = [*_tones(call), *_words(engine, call, clock)]
    return Hearing(tuple(sorted(evidence, key=lambda each: each.at_s)), clock.spent_s, clock.decodings)


def _tones(call: Pcm) -> list[Evidence]:
    listener = Listener(_TONES)
    found: list[Evidence] = []
    for start in range(0, call.size, _TONE_PIECE):
        piece = call[start : start + _TONE_PIECE]
        at_s = (start + piece.size) / RATE_HZ + _TONE_S
        found += [ToneSounds(at_s, heard.tone) for heard in listener.take(piece) if isinstance(heard, ToneFound)]
    return found


def _words(engine: Engine, call: Pcm, clock: _Clock) -> list[Evidence]:
    told: list[Evidence] = []
    position = 0
    while position < call.size:
        heard, position = _utterance(engine, call, position, clock)
        told += heard
    return told


def _utterance(engine: Engine, call: Pcm, position: int, clock: _Clock) -> tuple[list[Evidence], int]:
    """One utterance as ``asr.worker`` follows it, and where listening begins again."""
    told: list[Evidence] = []
    stream = LiveStream(0.0, no_speech_s=0.0, max_s=UTTERANCE_S)
    decoding = Decoding(engine, (), EVERY_S)
    while position < call.size:
        piece = call[position : position + _TAP]
        position += piece.size
        at_s = position / RATE_HZ + _TAP_S
        for event in stream.accept(TapFrame(1, 0, position - piece.size, piece), 0.0):
            match event:
                case SpeechBegan():
                    told.append(SpeechBegins(at_s))
                case Speech(audio=audio):
                    decoding.accept(audio)
                    if decoding.due(audio.size) and clock.free_s <= at_s:
                        told.append(_so_far(decoding, at_s, clock))
                case SpeechPaused():
                    if clock.free_s <= at_s:
                        cpu = time.process_time()
                        decoding.draft(decoding.paused())
                        clock.run(at_s, time.process_time() - cpu)
                        told.append(_so_far(decoding, at_s, clock))
                case SpeechResumed():
                    decoding.resumed()
                case SpeechOver():
                    cpu = time.process_time()
                    text, _ = decoding.finish()
                    done_s = clock.run(at_s, time.process_time() - cpu)
                    told.append(WordsHeard(done_s, text, over=True))
                    return told, min(call.size, int((done_s - _TAP_S) * RATE_HZ))
                case _:
                    pass
    return told, position


def _so_far(decoding: Decoding, at_s: float, clock: _Clock) -> WordsHeard:
    decoding.told()
    cpu = time.process_time()
    text = decoding.so_far()
    return WordsHeard(clock.run(at_s, time.process_time() - cpu), text, over=False)


def deciding_s(engine: Engine, sound: Pcm, words: Words) -> float | None:
    """Where in ``sound`` the words are over that give it away first, by the times of a transcript of the whole; None
    where it is not understood.
    """
    decoding = Decoding(engine, ())
    decoding.accept(sound)
    _, said = decoding.finish()
    text = ""
    for word in said:
        text += word.text
        if words.give_away(text, answered=False) is not None:
            return word.end_s
    return None
