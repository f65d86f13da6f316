"""Where a called number leads."""

import pytest

from service.config_model import NumberConfig
from service.routes import Destination, Route, RouteKind, Routes, parse_destination

SALES = Route(Destination(RouteKind.QUEUE, "sales"), record=True)
MAIN = Route(Destination(RouteKind.FLOW, "main"), record=False)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("flow:main", RouteKind.FLOW, "main"),
        ("queue:a:b", RouteKind.QUEUE, "a:b"),
        ("agent:101", RouteKind.AGENT, "101"),
        ("voicemail:night", RouteKind.VOICEMAIL, "night"),
    ],
)
def test_destinations(text: str, kind: RouteKind, name: str) -> None:
    assert parse_destination(text) == Destination(kind, name)


@pytest.mark.parametrize("text", ["", "main", "queue:", ":main", "hangup", "number:123"])
def test_what_is_no_destination(text: str) -> None:
    with pytest.raises(ValueError, match="is no destination; write one of flow:NAME"):
        parse_destination(text)


def test_exact_then_longest_end_then_the_star() -> None:
    routes = Routes(
        [
            NumberConfig("4008001234", "queue:sales"),
            NumberConfig("8001234", "flow:main", record=False),
            NumberConfig("101", "agent:101"),
            NumberConfig("*", "voicemail:main"),
        ]
    )
    other = Route(Destination(RouteKind.VOICEMAIL, "main"), record=True)
    assert routes.find("4008001234") == SALES
    assert routes.find("+864008001234") == SALES, "carriers add prefixes"
    assert routes.find("58001234") == MAIN
    assert routes.find("101") == Route(Destination(RouteKind.AGENT, "101"), record=True)
    assert routes.find("4008000101") == other, "short numbers match only whole"
    assert routes.find("") == other


def test_no_star_no_route() -> None:
    assert Routes([NumberConfig("4008001234", "queue:sales")]).find("4008009999") is None
