"""Choices said at the main menu over real SIP and RTP, really recognised: few clips; ``bench.spoken_menu`` has all."""

import statistics
from pathlib import Path

import pytest

from bench.asr import clips
from ivr.answers import REPEAT
from tests.interop.menu_caller import Reply, menu_line
from tests.models import need_whisper
from tests.shared import need_shared

pytestmark = [pytest.mark.interop, pytest.mark.slow]
CHOICES = (
    "callers/buy_1.zm_yunjian.wav", "callers/service_1.zf_xiaoyi.wav", "callers/tradein_2.zm_yunxi.wav",
    "callers/agent.zf_xiaoyi.wav", "synthetic/cmd_00_zm_yunyang.ulaw", "synthetic/cmd_06_zf_xiaoyi.ulaw",
)  # fmt: skip
"""One for each choice of the menu, and one more."""
OTHERS = (
    "synthetic/cmd_04_zf_xiaoyi.ulaw", "synthetic/cmd_08_zm_yunyang.ulaw", "callers/no.zm_yunjian.wav",
    "callers/hello.zm_yunxi.wav",
)  # fmt: skip
"""About something else."""
REPEATS = ("synthetic/cmd_15_zf_xiaoxiao.ulaw",)


async def test_what_callers_say_at_the_menu_is_chosen_or_asked_again_and_never_wrong(tmp_path: Path) -> None:
    model = need_whisper()
    said = {clip.name: clip for clip in clips(need_shared("speech").parent)}
    replies: dict[str, Reply] = {}
    async with menu_line(tmp_path, model.path.parent) as menu:
        for name in (*CHOICES, *OTHERS, *REPEATS):
            replies[name] = await menu.answer(said[name].audio)
            print(said[name].text, replies[name])
    chosen = {name: replies[name].choice for name in CHOICES}
    wrong = {name: choice for name, choice in chosen.items() if choice not in {"", said[name].choice}}
    assert not wrong
    assert sum(choice == said[name].choice for name, choice in chosen.items()) >= len(CHOICES) - 1
    assert {replies[name].verdict for name in OTHERS} == {"rejected"}
    for name in REPEATS:
        assert said[name].choice == REPEAT
        assert replies[name].verdict == "none"  # no decision: the menu is said once more
        assert replies[name].heard_s is not None
    decided = [reply.decided_s for reply in replies.values() if reply.decided_s is not None]
    heard = [reply.heard_s for reply in replies.values() if reply.heard_s is not None]
    assert len(heard) == len(replies), "a caller was left in silence"
    # About a second on an idle machine; the bound leaves room for one that is not.
    assert statistics.median(decided) < 3.0
