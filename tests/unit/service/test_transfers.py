"""Which of an agent's two talks goes on after an attended transfer, and who comes over from the other."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from service.early_referrals import JOINED_WITHIN_S
from service.routes import Routes
from service.targets import Targets
from service.transfers import Order, Transfers
from telephony.referral import Referral
from tests.virtual_loop import run


class OneTalk:
    """A talk that takes every order."""

    def __init__(self, outside: SimpleNamespace, inside: SimpleNamespace, agent: str) -> None:
        self.outside, self.inside, self.agent = outside, inside, agent
        self.orders: list[Order] = []

    def give(self, order: Order) -> bool:
        self.orders.append(order)
        return True


class Answers:
    """What the phone is told."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def accept_referral(self, session: str, key: str) -> None:
        self.said.append("accepted")

    def refuse_referral(self, session: str, key: str, status: int) -> None:
        self.said.append(status)


def leg(name: str, party: str = "", number: str = "") -> SimpleNamespace:
    return SimpleNamespace(id=name, end=None, number=number, call_id=name, name=SimpleNamespace(party=party))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("mine_is_inside", "stays", "moved", "to"),
    [
        ((True, False), 0, "theirs2", "102"),  # a caller came in, then a colleague was called
        ((False, True), 1, "theirs1", "102"),  # the other way round
        ((True, True), 0, "theirs2", "139"),  # two callers came in
        ((False, False), None, "", ""),  # two people were called
    ],
)
def test_who_comes_over(
    mine_is_inside: tuple[bool, bool], stays: int | None, moved: str, to: str, turned: bool
) -> None:
    transfers, answers = Transfers(Targets(Routes([]), ["101", "102"])), Answers()
    mine = [leg(f"mine{place}", "101") for place in (1, 2)]
    talks = []
    for place, inside in enumerate(mine_is_inside):
        theirs = leg(f"theirs{place + 1}", "" if inside else "102", "139")
        pair = (theirs, mine[place]) if inside else (mine[place], theirs)
        talks.append(OneTalk(*pair, "101" if inside else "102"))
    first, second = (1, 0) if turned else (0, 1)
    both_ways = all(mine_is_inside)
    with transfers.during(talks[0]), transfers.during(talks[1]):  # type: ignore[arg-type]
        transfers.refer(Referral(cast("object", answers), "s", "k", mine[first], "102", mine[second]))  # type: ignore[arg-type]
    if stays is None:
        assert answers.said == [603]
        return
    assert answers.said == ["accepted"]
    if both_ways and turned:  # of two that could go on, the one that the REFER came in
        stays, moved = 1, "theirs1"
    (order,) = talks[stays].orders
    assert order.moved is not None
    assert (order.moved.id, order.to, order.by, order.kind) == (moved, to, "101", "attended")
    assert order.party == ("102" if to == "102" else "")


def referred(answers: Answers, own: SimpleNamespace, to: str, other: SimpleNamespace | None = None) -> Referral:
    return Referral(cast("object", answers), "s", "k", own, to, other)  # type: ignore[arg-type]


def test_a_referral_that_comes_before_its_talk_waits_for_it() -> None:
    async def story() -> None:
        transfers, answers = Transfers(Targets(Routes([]), ["101", "102"])), Answers()
        mine = leg("mine", "101")
        talk = OneTalk(leg("theirs", number="139"), mine, "101")
        transfers.refer(referred(answers, mine, "102"))
        await asyncio.sleep(JOINED_WITHIN_S / 2)
        assert answers.said == []
        with transfers.during(OneTalk(leg("a"), leg("b", "103"), "103")):  # type: ignore[arg-type]
            assert answers.said == [], "somebody else's"
        with transfers.during(talk):  # type: ignore[arg-type]
            assert answers.said == ["accepted"]
            assert [(order.to, order.kind) for order in talk.orders] == [("102", "blind")]
            await asyncio.sleep(JOINED_WITHIN_S)
        assert answers.said == ["accepted"]

    run(story())


def test_an_attended_referral_waits_for_both_talks() -> None:
    async def story() -> None:
        transfers, answers = Transfers(Targets(Routes([]), ["101", "102"])), Answers()
        first, second = leg("mine1", "101"), leg("mine2", "101")
        caller = OneTalk(leg("theirs1", number="139"), first, "101")
        consulted = OneTalk(second, leg("theirs2", "102"), "102")
        with transfers.during(caller):  # type: ignore[arg-type]
            transfers.refer(referred(answers, first, "102", second))
            assert answers.said == []
            with transfers.during(consulted):  # type: ignore[arg-type]
                assert answers.said == ["accepted"]
        assert [order.kind for order in caller.orders] == ["attended"]

    run(story())


def test_who_talks_with_nobody_is_told_so_after_a_while() -> None:
    async def story() -> None:
        transfers, answers = Transfers(Targets(Routes([]), ["101"])), Answers()
        transfers.refer(referred(answers, leg("mine", "101"), "102"))
        await asyncio.sleep(JOINED_WITHIN_S + 0.1)
        assert answers.said == [603]

    run(story())
