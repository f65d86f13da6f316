"""What a number means to an agent who dials it or transfers to it."""

import pytest

from service.config_model import NumberConfig
from service.routes import Destination, Route, RouteKind, Routes
from service.targets import Abroad, Targets

ROUTES = Routes(
    [NumberConfig("4008001234", "flow:main"), NumberConfig("8000", "queue:sales"), NumberConfig("*", "queue:rest")]
)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("101", Destination(RouteKind.AGENT, "101")),
        ("8000", Destination(RouteKind.QUEUE, "sales")),
        ("864008001234", Destination(RouteKind.FLOW, "main")),
        ("13800138000", Abroad("13800138000")),
        ("+8613800138000", Abroad("+8613800138000")),
        ("110", Abroad("110")),
        ("114", Abroad("114")),
        ("12345", Abroad("12345")),
        ("95588", Abroad("95588")),
        ("96110", Abroad("96110")),
        ("62345678", Abroad("62345678")),
        ("77", None),
        ("201", None),
        ("109", None),
        ("2011", None),
        ("8001", None),
        ("654321", None),
        ("", None),
        ("1380013800a", None),
        ("１３８００１３８０００", None),
        ("1" * 21, None),
    ],
)
def test_transfers(number: str, expected: Destination | Abroad | None) -> None:
    assert Targets(ROUTES, ["101"], abroad=True).transferred(number) == expected


def test_short_numbers_behind_the_carrier_are_called_where_dialling_allows_them() -> None:
    targets = Targets(ROUTES, ["601"], abroad=True, allowed=["60", "+852"])
    assert targets.transferred("6001") == Abroad("6001")
    assert targets.transferred("601") == Destination(RouteKind.AGENT, "601"), "ours comes first"
    assert targets.transferred("6101") is None
    targets.change(ROUTES, ["601"], abroad=True)
    assert targets.transferred("6001") is None


def test_without_a_trunk_nobody_is_called_outside() -> None:
    assert Targets(ROUTES, ["101"]).transferred("13800138000") is None


def test_calls_of_our_phones() -> None:
    targets = Targets(ROUTES, ["101"])
    assert targets.dialled_inside("101") == Route(Destination(RouteKind.AGENT, "101"), record=False)
    assert targets.dialled_inside("8000") == Route(Destination(RouteKind.QUEUE, "sales"), record=True)
    assert targets.dialled_inside("999") == Route(Destination(RouteKind.QUEUE, "rest"), record=True)
    assert Targets(Routes([]), ["101"]).dialled_inside("102") is None


@pytest.mark.parametrize(
    ("number", "outside"),
    [
        ("13800138000", True),
        ("+8613800138000", True),
        ("95588", True),
        ("101", False),
        ("8000", False),
        ("4008001234", False),
        ("77", False),
        ("*51", False),
        ("1380013800a", False),
    ],
)
def test_what_our_phones_call_outside(number: str, outside: bool) -> None:
    """Ours go first; the route of "*" takes what is no number of the outside."""
    assert Targets(ROUTES, ["101"], dials=True).is_called_outside(number) is outside
    assert not Targets(ROUTES, ["101"], abroad=True).is_called_outside(number)
