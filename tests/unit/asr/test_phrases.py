import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.phrases import Match, distance, nearest, syllables

MENU = {
    "buy": ("购车咨询", "买车", "看车", "新车"),
    "service": ("预约保养", "保养", "维修", "修车"),
    "tradein": ("旧车置换", "置换", "换车", "以旧换新"),
    "complaint": ("投诉和建议", "投诉", "建议"),
    "agent": ("人工服务", "转人工", "人工"),
}


@pytest.mark.parametrize(
    ("heard", "choice"),
    [
        ("旧车置换", "tradein"),
        ("旧车制换。", "tradein"),  # right sounds, wrong characters
        ("舊車置換", "tradein"),  # traditional characters
        ("我想咨询一下旧车置换", "tradein"),  # another choice's word is in it too, but fits less of it
        ("想了解一下智患补贴有多少", "tradein"),
        ("吹人共。", "agent"),
        ("你好，麻烦转人工，谢谢", "agent"),
        ("我要投诉，上个星期修完的车今天又熄火了", "complaint"),
        ("是不是要保养", "service"),  # A-not-A is a question, no refusal
        ("建工服务", "agent"),
    ],
)
def test_the_choice_that_sounds_alike_is_found(heard: str, choice: str) -> None:
    match = nearest(heard, MENU)
    assert match is not None
    assert match.choice == choice


@pytest.mark.parametrize(
    "heard",
    ["", "。", "今天天气很好", "谁是最大的", "我不要投诉", "暂时不考虑换车，过了年再说吧", "查询余额", "退货退款", "嗯",
     "刹车的时候有异响，是不是刹车片该换了", "我看中了一辆七座的商务车", "hello", "八分吧"],
)  # fmt: skip
def test_what_is_about_something_else_is_refused(heard: str) -> None:
    assert nearest(heard, MENU) is None


def test_two_choices_that_fit_equally_are_refused() -> None:
    assert nearest("买车", {"one": ("买车",), "other": ("卖车",)}) is None


def test_a_single_syllable_counts_only_alone() -> None:
    choices = {"one": ("一",), "two": ("二",)}
    assert nearest("一", choices) == Match("one", "一", 0.0)
    assert nearest("一般都可以", choices) is None


def test_the_limit_can_be_narrowed() -> None:
    assert nearest("建工服务", MENU, limit=0.1) is None


def test_digits_are_said_as_characters() -> None:
    assert nearest("4S店", {"shop": ("四S店",)}) == Match("shop", "四S店", 0.0)


TEXT = st.text(alphabet="购车咨询预约保养维修旧置换投诉建议人工服务不没我要吗", max_size=12)


@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT)
def test_distance_is_a_symmetric_measure_from_0_to_1(one: str, other: str) -> None:
    forth, back = distance(syllables(one), syllables(other)), distance(syllables(other), syllables(one))
    assert forth == pytest.approx(back)
    assert 0 <= forth <= 1
    assert distance(syllables(one), syllables(one)) == 0


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30))
def test_anything_can_be_asked(heard: str) -> None:
    match = nearest(heard, MENU)
    assert match is None or (match.phrase in MENU[match.choice] and match.distance <= 0.4)
