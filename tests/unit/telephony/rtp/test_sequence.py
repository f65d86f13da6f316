from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.rtp.sequence import Order, SequenceCounter


def take(counter: SequenceCounter, *numbers: int) -> list[Order]:
    return [counter.take(1, number & 0xFFFF) for number in numbers]


def test_order_gap_late_and_duplicate_across_the_wrap() -> None:
    counter = SequenceCounter()
    assert take(counter, 65534, 65535, 1, 0, 1, 65535, 2) == [
        Order.RESTART,
        Order.NEXT,
        Order.GAP,
        Order.LATE,
        Order.DUPLICATE,
        Order.DUPLICATE,
        Order.NEXT,
    ]
    assert (counter.received, counter.lost, counter.late) == (5, 0, 1)


def test_a_new_source_or_a_jump_is_a_restart_and_no_loss() -> None:
    counter = SequenceCounter()
    take(counter, 1, 2)
    assert counter.take(2, 40000) is Order.RESTART
    assert counter.take(2, 50000) is Order.RESTART
    assert counter.lost == 0


def test_runs_that_were_counted_elsewhere_are_as_if_taken() -> None:
    counter, other = SequenceCounter(), SequenceCounter()
    take(counter, *range(100))
    take(other, 0)
    other.advance(99)
    assert (other.newest, other.received, other.lost) == (counter.newest, counter.received, counter.lost)
    assert take(other, 50, 99, 101, 100) == take(counter, 50, 99, 101, 100)


@settings(max_examples=100)
@given(st.integers(0, 65535), st.sets(st.integers(1, 198), max_size=40), st.randoms(use_true_random=False))
def test_lost_is_what_never_came_whatever_the_order(first: int, missing: set[int], chance: object) -> None:
    counter = SequenceCounter()
    numbers = [number for number in range(200) if number not in missing]
    for start in range(1, len(numbers) - 1, 8):  # shuffled within what a network does
        part = numbers[start : min(start + 8, len(numbers) - 1)]
        chance.shuffle(part)  # type: ignore[attr-defined]
        numbers[start : start + len(part)] = part
    take(counter, *(first + number for number in numbers))
    assert counter.lost == len(missing)
    assert counter.received == len(numbers)
