"""What may be given as a disposition, and in which form it is kept."""

import pytest

from core.errors import ParseError
from desk.dispositions import Disposition, FieldKind, Filled, filled, suiting

CODES = (
    Disposition("booked", "已预约", "Booked", frozenset({"service"}), (FieldKind.DATE, FieldKind.PLATE)),
    Disposition("wrong", "打错", "Wrong number"),
    Disposition("other", "其他", "Other", fields=(FieldKind.NOTE,)),
)


def test_codes_are_for_their_queues():
    assert [each.code for each in suiting(CODES, "service")] == ["booked", "wrong", "other"]
    assert [each.code for each in suiting(CODES, "sales")] == ["wrong", "other"]


@pytest.mark.parametrize(
    ("code", "values", "expected"),
    [
        ("wrong", {}, Filled("wrong")),
        ("other", {"note": "  客户\n下周再来 "}, Filled("other", note="客户 下周再来")),
        ("booked", {"date": "2026-11-30", "plate": "沪a·12345"}, Filled("booked", date="2026-11-30", plate="沪A12345")),
        ("booked", {"date": "20261130", "plate": "粤B D12345"}, Filled("booked", date="2026-11-30", plate="粤BD12345")),
        ("wrong", {"customer": "王先生", "unknown": "x"}, Filled("wrong", customer="王先生")),
    ],
)
def test_what_is_given_is_kept_in_one_form(code: str, values: dict[str, str], expected: Filled):
    assert filled(CODES, "service", code, values) == expected


@pytest.mark.parametrize(
    ("queue", "code", "values", "where"),
    [
        ("sales", "booked", {"date": "2026-11-30", "plate": "沪A12345"}, "code"),
        ("service", "", {}, "code"),
        ("service", "other", {"note": "   "}, "note"),
        ("service", "other", {"note": "x" * 501}, "note"),
        ("service", "booked", {"date": "2026-02-30", "plate": "沪A12345"}, "date"),
        ("service", "booked", {"date": "", "plate": "沪A12345"}, "date"),
        ("service", "booked", {"date": "2026-11-30"}, "plate"),
        ("service", "booked", {"date": "2026-11-30", "plate": "沪AI2345"}, "plate"),
        ("service", "booked", {"date": "2026-11-30", "plate": "A12345"}, "plate"),
        ("service", "wrong", {"customer": "王" * 61}, "customer"),
    ],
)
def test_what_is_missing_or_wrong_is_named(queue: str, code: str, values: dict[str, str], where: str):
    with pytest.raises(ParseError) as caught:
        filled(CODES, queue, code, values)
    assert caught.value.where == where
