"""Announcements by sound, as recognisers write them; and what people say who are not to be taken for machines."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.progress.announcements import MAX_PHRASES, all_announcements, read_announcements, shipped
from asr.progress.spotting import Spotter
from asr.progress.verdict import What, of_cause, of_refusal
from asr.progress.words import Words, spoken_length
from core.errors import ConfigError

WORDS = Words(shipped())

HEARD = [
    # as a recogniser wrote what the network said; right sounds, wrong characters
    ("对不起您播打的电话以关机,请稍后再播。", What.POWERED_OFF),
    ("您好，您拨打的用户已关机", What.POWERED_OFF),
    ("您好,您不打的用户以经关机,请稍候在拨", What.POWERED_OFF),
    ("對不起您撥打的電話已關機請稍後再撥", What.POWERED_OFF),
    ("打的电话已关机请稍后再", What.POWERED_OFF),
    ("我打的电话以停息", What.OUT_OF_SERVICE),
    ("随不及云坡台的浩马市空号", What.EMPTY_NUMBER),
    ("的用户已关机，请稍后再拨。Sorry, the subscriber you dialed is power off", What.POWERED_OFF),
    ("Sorry! The subscriber you dialed is power off, please redial later.", What.POWERED_OFF),
    ("sorry the subscriber you dial is powered off", What.POWERED_OFF),
    ("对不起您播打的号码是空号,请和对后再播。", What.EMPTY_NUMBER),
    ("对不起您拨打的号码是空号,请何对后再拨。", What.EMPTY_NUMBER),
    ("您好，您所拨打的号码不存在，请查证后再拨", What.EMPTY_NUMBER),
    ("的号码是空好请查正后再拨", What.EMPTY_NUMBER),
    ("Sorry, the number you dialed does not exist, please check it and dial again", What.EMPTY_NUMBER),
    ("对不起您播打的电话以停机。", What.OUT_OF_SERVICE),
    ("您拨打的电话已听机", What.OUT_OF_SERVICE),
    ("您好您拨打的用户因欠费停机", What.OUT_OF_SERVICE),
    ("The telephone you dialed is out of service", What.OUT_OF_SERVICE),
    ("对不起您播打的用户正在通话中,请稍后再播。", What.BUSY),
    ("您好，请不要挂机，您拨打的电话正在通话中", What.BUSY),
    ("您拨打的用户正忙，请稍后再拨", What.BUSY),
    ("sorry the number you dialed is busy now please redial later", What.BUSY),
    ("对不起您播打的电话再时无法接通,请稍后再播。", What.UNREACHABLE),
    ("您拨打的用户暂时不在服务区，请稍后再拨", What.UNREACHABLE),
    ("你拨打的电话暂是无法借通", What.UNREACHABLE),
    ("Sorry, the subscriber you dialed can not be connected for the moment", What.UNREACHABLE),
    ("对不起您播打的电话再时无人接听,请稍后再播。", What.NO_ANSWER),
    ("您拨打的电话暂时无人接听", What.NO_ANSWER),
    ("对不起您不打的电话以赞停服务。", What.BARRED),
    ("对不起您播打的电话,以暂停服务。", What.BARRED),
    ("您拨打的用户已设置呼入限制", What.BARRED),
    ("您好我现在无法接听您的电话,请在低身后留言。", What.VOICEMAIL),
    ("您好，我现在不方便接听电话，请在提示音后留言", What.VOICEMAIL),
    ("我暂时不能接电话，听到滴声后请留言", What.VOICEMAIL),
    ("欢迎使用来电提醒业务", What.VOICEMAIL),
    ("Please leave a message after the tone", What.VOICEMAIL),
    ("你好我是基主的智能以因助手,基主现在不方电接听电话,请问你有什么事情,我帮您转到。", What.ASSISTANT),
    ("您好我是基主的智能语音助手", What.ASSISTANT),
    ("你好，我是机主的智能助理，请问您找他有什么事", What.ASSISTANT),
]

PEOPLE = [
    "喂，你好。", "为你好哪位。", "喂，请问你是哪位？", "你好", "哪位", "嗯", "hello", "我现在不方便。",
    "我在开会，一会儿打给你", "我现在不方便接电话", "不好意思我现在不方便接听电话", "对不起，我现在很忙",
    "我手机快没电了要关机了", "他的手机关机了", "他关机了吗", "我等了40分钟,都没有人接电话,你们的服务太差了。",
    "我昨天打你们电话一直无人接听", "你们的电话一直正在通话中", "我那个号码停机了换了这个号", "你打的是空号吧",
    "有事给我微信留言", "你给我留言吧", "我帮你转告他", "你是智能助理吗", "他现在不方便接电话", "姐姐现在不方便",
    "我是技术的", "你好，这里是四海汽车，请问有什么可以帮您", "您好,公好101位您服务 请问有什么可以当您。",
    "暂时不考虑换车,过了年再说吧。", "不需要，谢谢，再见", "你再说一遍，信号不好", "我不在服务区刚才没信号",
    "喂喂听得到吗", "我是他同事，他出去了", "hello who is this", "sorry i am busy now", "he is on another call",
    "i am an assistant manager", "please call me later", "the power is off here",
    "刹车的时候有一想是不是沙车品该换了?", "苏北军的一些爱国将士马占山李杜唐聚伍苏炳艾邓铁梅等也奋起抗战",
]  # fmt: skip
"""On a call that was answered."""


@pytest.mark.parametrize(("text", "what"), HEARD)
def test_before_the_answer_announcements_are_known_by_sound(text: str, what: What) -> None:
    found = WORDS.give_away(text, answered=False)
    assert found is not None
    assert found.what is what, found


@pytest.mark.parametrize(
    ("text", "what"), [each for each in HEARD if not each[0].startswith(("打的", "的号码", "随不及"))]
)
def test_after_the_answer_too_where_enough_was_heard(text: str, what: What) -> None:
    found = WORDS.give_away(text, answered=True)
    assert found is not None
    assert found.what is what, found


@pytest.mark.parametrize("text", PEOPLE)
def test_people_who_answer_give_nothing_away(text: str) -> None:
    assert WORDS.give_away(text, answered=True) is None


def test_a_clip_cut_at_its_start_is_enough_before_the_answer_only() -> None:
    assert WORDS.give_away("已关机", answered=False) is not None
    assert WORDS.give_away("已关机", answered=True) is None
    assert WORDS.give_away("已关机请稍后再拨", answered=True) is not None


@pytest.mark.parametrize(
    "text",
    ["对不起您播打的电话以后", "您拨打的电话已", "您拨打的用户已经", "对不起您剥打的电话站",
     "对不起云波打的电话占", "您拨打的电话证明", "您拨打的用户正在",
     "您拨打的电话暂时无法", "sorry the subscriber you dialed is", "您拨打的电话已某机"],
)  # fmt: skip
@pytest.mark.parametrize("answered", [False, True])
def test_what_has_not_been_said_yet_decides_nothing(text: str, answered: bool) -> None:
    assert WORDS.give_away(text, answered=answered) is None


def test_one_wrong_sound_in_the_deciding_words_is_borne_where_nothing_else_fits_as_well() -> None:
    for text, what in (("您剥打的电话与关机请稍", What.POWERED_OFF), ("您拨打的电话与停机", What.OUT_OF_SERVICE)):
        found = WORDS.give_away(text, answered=True)
        assert found is not None
        assert found.what is what


def test_colour_rings_give_nothing_away() -> None:
    for text in ("欢迎致电四海汽车，请稍候", "月亮代表我的心", "您好，电话正在接通中，请稍候", "您的来电正在等待"):
        assert WORDS.give_away(text, answered=False) is None, text


def test_where_the_phrase_ends_is_told() -> None:
    found = WORDS.give_away("您好您拨打的用户已关机请稍后再拨", answered=False)
    assert found is not None
    assert (found.chinese, found.end) in {(True, 11), (True, 16)}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_anything_can_be_heard(text: str) -> None:
    WORDS.give_away(text, answered=False)
    assert spoken_length(text) >= 0


@given(st.text("abc", max_size=8), st.text("abc", min_size=1, max_size=4))
def test_the_spotter_finds_the_place_of_fewest_mistakes(heard: str, phrase: str) -> None:
    def mistakes(part: str) -> int:
        row = list(range(len(phrase) + 1))
        for index, got in enumerate(part, start=1):
            diagonal, row[0] = row[0], index
            for column, wanted in enumerate(phrase, start=1):
                diagonal, row[column] = (
                    row[column],
                    min(row[column] + 1, row[column - 1] + 1, diagonal + (got != wanted)),
                )
        return row[-1]

    spots = Spotter([phrase, "zzzz"], lambda one, other: float(one != other)).spot(heard)
    if not heard:
        assert spots == []
        return
    parts = [heard[start:end] for end in range(len(heard) + 1) for start in range(end + 1)]
    assert spots[0].distance * len(phrase) == pytest.approx(min(map(mistakes, parts)))
    assert spots[1].distance == 1.0


def test_refusals_speak_of_the_number_or_of_nothing() -> None:
    assert of_refusal(404, 1) is What.EMPTY_NUMBER
    assert of_refusal(486, None) is What.BUSY
    assert of_refusal(480, 20) is What.UNREACHABLE
    assert of_refusal(404, None) is None
    assert of_cause(None) is None
    assert of_cause(34) is None


def test_announcements_of_ones_own_are_added(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'markers = ["本号码"]\n[[announcement]]\nwhat = "barred"\nphrases = ["机主设置了免打扰模式"]\n',
        encoding="utf-8",
    )
    words = Words(all_announcements(path))
    found = words.give_away("您好，机主设置了免打扰模式", answered=True)
    assert found is not None
    assert found.what is What.BARRED
    assert words.give_away("您拨打的用户已关机", answered=True) is not None
    assert WORDS.give_away("您好，机主设置了免打扰模式", answered=True) is None


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('[[announcement]]\nwhat = "away"\nphrases = ["用户已关机"]', ":2:", "must be one of assistant, barred"),
        ('[[announcement]]\nwhat = "busy"\nphrase = ["用户正忙"]', ":3:", "is no key here"),
        ('[[announcement]]\nwhat = "busy"', ":1:", "needs phrases or short"),
        ('[[announcement]]\nwhat = "busy"\nphrases = "用户正忙"', ":3:", "must be a list of texts"),
        ('[[announcement]]\nwhat = "busy"\nphrases = [\n"用户正忙",\n"忙"]', ":5:", "too short"),
        ('[[announcement]]\nwhat = "busy"\nshort = ["用户 busy"]', ":3:", "mixes languages"),
        (f'markers = ["{"拨" * 61}"]', ":1:", "longer than 60"),
        ('announcement = ["x"]', ":1:", "must be tables"),
        ("what =", "own.toml", "not well-formed TOML"),
    ],
)
def test_faults_are_told_with_their_place(text: str, where: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read_announcements(path)
    [fault] = error.value.problems
    assert where in fault
    assert what in fault


def test_what_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    for path, content in ((tmp_path / "absent.toml", None), (tmp_path / "latin.toml", b"\xff\xfe")):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ConfigError):
            read_announcements(path)
    many = tmp_path / "many.toml"
    many.write_text("markers = [" + '"您拨打的",' * (MAX_PHRASES + 1) + "]", encoding="utf-8")
    with pytest.raises(ConfigError, match="one too many"):
        read_announcements(many)
