"""How lists share the calls of a campaign: by weight over many attempts, until their quotas are full."""

from collections import Counter
from math import inf

from campaigns.list_order import EVERYBODY, Share, Span, by_weight, mixed, open_spans, spans

OLD, NEW = Share(1, first=11, weight=1), Share(2, first=21, weight=3)


def test_lists_are_stretches_of_contacts() -> None:
    assert spans([]) == ((Share(0, 0), EVERYBODY),)
    assert spans([NEW, OLD, Share(3, first=0)]) == (
        (Share(0, 0), Span(0, 10)), (OLD, Span(11, 20)), (NEW, Span(21, inf)),
    )  # fmt: skip


def test_a_full_list_is_left_out() -> None:
    full = Share(1, first=11, quota=5, completed=5)
    assert open_spans([OLD, NEW]) == (EVERYBODY,)
    assert open_spans([full, NEW]) == (Span(0, 10), Span(21, inf))
    assert Span(11, 20) not in by_weight([full, NEW], "a-1")
    assert not Share(1, 11, quota=5, completed=4).full and not Share(1, 11, completed=4).full


def test_each_list_comes_first_as_often_as_its_weight_says() -> None:
    first: Counter[Span] = Counter()
    for turn in range(4000):
        drawn = by_weight([OLD, NEW], f"a-{turn:08}")
        assert set(drawn) == {Span(0, 10), Span(11, 20), Span(21, inf)}, "where one has nobody the others are asked"
        first[drawn[0]] += 1
    shares = {span.low: count / 4000 for span, count in first.items()}
    assert abs(shares[21] - 0.6) < 0.03 and abs(shares[11] - 0.2) < 0.03
    assert by_weight([OLD, NEW], "a-7") == by_weight([NEW, OLD], "a-7"), "nodes need not agree on anything"


def test_without_different_weights_all_are_as_one() -> None:
    assert mixed([OLD, NEW])
    assert not mixed([]) and not mixed([OLD]) and not mixed([NEW, Share(3, 31, weight=3)])
