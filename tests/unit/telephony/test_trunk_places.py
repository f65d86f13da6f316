"""Addresses of a carrier that fail are tried last for a while, and those that answer at once again."""

from telephony.sip.hop import Hop
from telephony.sip.locating import Server
from telephony.trunk import TrunkBook, TrunkSettings
from telephony.trunk_places import LONGEST_S, Standing, TrunkPlaces

NAME = Hop("UDP", "carrier.test", 5060)
A, B, C = (Hop("UDP", f"192.0.2.{number}", 5060) for number in (1, 2, 3))


def places(*, sticky: bool = True, chance: float = 1.0) -> TrunkPlaces:
    made = TrunkPlaces(NAME, sticky=sticky, chance=lambda: chance)
    made.found([Server(1, 0, (A, B)), Server(2, 0, (C,))])
    return made


def test_until_something_is_found_the_name_itself_is_called() -> None:
    assert TrunkPlaces(NAME, sticky=False, chance=lambda: 0.0).order(0.0) == [NAME]
    assert TrunkPlaces(NAME, sticky=False, chance=lambda: 0.0).addresses == frozenset()


def test_what_failed_is_tried_last_and_longer_each_time() -> None:
    one = places()
    assert one.order(0.0) == [A, B, C]
    one.failed(A, 0.0)
    assert one.order(9.9) == [B, C, A] and one.order(10.0) == [A, B, C]
    one.failed(A, 10.0)
    assert one.order(29.9) == [B, C, A] and one.order(30.0) == [A, B, C]
    one.failed(B, 30.0)
    one.failed(A, 30.0)  # 40 s now, B 10 s
    assert one.order(31.0) == [C, B, A]
    assert one.standings(31.0) == (Standing(A, 3, 39.0), Standing(B, 1, 9.0), Standing(C, 0, 0.0))
    one.answered(A)
    assert one.order(31.0) == [A, C, B]
    for _ in range(40):
        one.failed(C, 100.0)
    assert one.standings(100.0)[2].avoided_s == LONGEST_S


def test_half_of_the_wait_is_chance_so_that_not_all_come_back_at_once() -> None:
    one = places(chance=0.0)
    one.failed(A, 0.0)
    assert one.standings(0.0)[0].avoided_s == 5.0


def test_the_same_answer_of_the_dns_changes_nothing_and_a_new_one_forgets_who_is_gone() -> None:
    one = places()
    one.failed(A, 0.0)
    one.failed(C, 0.0)
    one.found([Server(1, 0, (A, B)), Server(2, 0, (C,))])
    assert one.order(1.0)[0] == B
    one.found([Server(1, 0, (A, B))])
    assert [standing.failures for standing in one.standings(1.0)] == [1, 0]
    one.failed(C, 2.0)  # an answer that came late
    assert one.hops == (A, B)


def test_requests_from_where_the_name_leads_are_the_carriers() -> None:
    book = TrunkBook([TrunkSettings("carrier", "carrier.test"), TrunkSettings("other", "198.51.100.1")])
    assert book.of_source(B) is None
    book.places("carrier").found([Server(1, 0, (A, B))])
    found = book.of_source(Hop("TCP", B.host, 41000))
    assert found is not None and found.name == "carrier"
    assert book.of_source(C) is None
