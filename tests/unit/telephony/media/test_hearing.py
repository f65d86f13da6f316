import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LocalProtocolError
from telephony.media.hearing import Hearing, Plan, check_sources, plan
from telephony.media.port import MOST_HEARD


def always(_source: str, _listener: str) -> bool:
    return True


def never(_source: str, _listener: str) -> bool:
    return False


def hearing(**hears: str | dict[str, float]) -> Hearing:
    made = Hearing()
    for leg, sources in hears.items():
        made.set(leg, dict.fromkeys(sources, 0.0) if isinstance(sources, str) else sources)
    return made


def planned(made: Hearing, may: object = always) -> Plan:
    assert callable(may)
    legs = made.around("abcdefgh")
    found = plan(made, legs, may)
    return Plan(found.relays, tuple(tuple(sorted(room)) for room in found.rooms))


def test_a_plain_talk_is_relayed_both_ways() -> None:
    assert planned(hearing(a="b", b="a")) == Plan({"a": "b", "b": "a"}, ())


def test_other_codecs_are_mixed() -> None:
    assert planned(hearing(a="b", b="a"), never) == Plan({}, (("a", "b"),))


def test_a_gain_is_mixed_the_way_back_is_not() -> None:
    assert planned(hearing(a={"b": -3.0}, b="a")) == Plan({"b": "a"}, (("a", "b"),))


def test_a_supervisor_who_listens_leaves_the_talk_relayed() -> None:
    made = hearing(a="b", b="a", c="ab")
    assert planned(made) == Plan({"a": "b", "b": "a"}, (("a", "b", "c"),))


def test_a_whisper_leaves_what_the_caller_hears_relayed() -> None:
    assert planned(hearing(a="b", b="ac", c="ab")) == Plan({"a": "b"}, (("a", "b", "c"),))


def test_a_conference_is_one_room_and_two_are_two() -> None:
    made = hearing(a="bc", b="ac", c="ab", d="ef", e="df", f="de")
    assert planned(made) == Plan({}, (("a", "b", "c"), ("d", "e", "f")))


def test_of_two_who_hear_the_same_the_first_is_relayed() -> None:
    assert planned(hearing(b="a", c="a")) == Plan({"b": "a"}, (("a", "c"),))


def test_who_parts_is_out_of_all_ears() -> None:
    made = hearing(a="bc", b="ac", c="ab")
    assert sorted(made.around("a")) == ["a", "b", "c"]
    made.part("c")
    assert (made.sources("c"), made.listeners("c")) == ({}, ())
    assert planned(made) == Plan({"a": "b", "b": "a"}, ())
    made.part("a")
    assert planned(made) == Plan({}, ())
    assert made.around("a") == ["a"]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sets(st.sampled_from("abcde")), st.booleans())))
def test_both_directions_of_the_book_agree(steps: list[tuple[str, set[str], bool]]) -> None:
    made = Hearing()
    for leg, sources, parts in steps:
        if parts:
            made.part(leg)
        else:
            made.set(leg, dict.fromkeys(sources - {leg}, 0.0))
    for leg in "abcde":
        assert all(leg in made.listeners(source) for source in made.sources(leg))
        assert all(leg in made.sources(listener) for listener in made.listeners(leg))
    found = plan(made, made.around("abcde"), always)
    mixed = [leg for room in found.rooms for leg in room]
    assert len(mixed) == len(set(mixed)), "nobody sits in two rooms"
    for listener in "abcde":
        if made.sources(listener) and listener not in found.relays:
            (room,) = [room for room in found.rooms if listener in room]
            assert made.sources(listener).keys() <= set(room), "all that it hears sits with it"


def test_what_cannot_be_is_refused() -> None:
    check_sources("a", {f"{number}": -120.0 for number in range(MOST_HEARD)})
    for impossible in (
        {"a": 0.0},
        {"b": 25.0},
        {"b": float("nan")},
        {f"{number}": 0.0 for number in range(MOST_HEARD + 1)},
    ):
        with pytest.raises(LocalProtocolError):
            check_sources("a", impossible)
