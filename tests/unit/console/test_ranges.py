"""Which bytes a Range header asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.problems import Problem
from console.ranges import wanted_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("bytes=0-3", (0, 4)),
        ("bytes=0-", (0, 100)),
        ("bytes=99-", (99, 100)),
        ("bytes=50-5000", (50, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes= 1 - 2 ", (1, 3)),
        ("Bytes=1-2", (1, 3)),
        ("bytes=0-1,5-6", None),
        ("lines=0-3", None),
        ("seconds=5-4", None),
        ("", None),
    ],
)
def test_ranges(header: str | None, wanted: tuple[int, int] | None) -> None:
    assert wanted_range(header, 100) == wanted


@pytest.mark.parametrize(
    "header",
    [
        "bytes=100-",
        "bytes=5-4",
        "bytes=-0",
        "bytes=-",
        "bytes=a-b",
        f"bytes={'9' * 5000}-",
    ],
)
def test_what_asks_for_nothing_is_refused(header: str) -> None:
    with pytest.raises(Problem) as refused:
        wanted_range(header, 100)
    assert refused.value.status == 416
    assert refused.value.headers == {"Content-Range": "bytes */100"}


@given(st.text(max_size=30), st.integers(0, 1000))
def test_whatever_comes_is_a_range_inside_or_refused(header: str, size: int) -> None:
    try:
        found = wanted_range(header, size)
    except Problem:
        return
    assert found is None or 0 <= found[0] < found[1] <= size
