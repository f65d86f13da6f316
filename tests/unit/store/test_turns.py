"""How much of a list goes in at once, and how long others have their turn."""

from store.turns import Turns


def pour(turns: Turns, row_s: float, pieces: int, *, others: bool) -> tuple[list[int], list[float]]:
    """The rows of so many pieces, each row taking ``row_s``, and the rests after them."""
    rows, rests = [], []
    for _ in range(pieces):
        rows.append(turns.rows)
        rests.append(round(turns.after(turns.rows, turns.rows * row_s, others=others), 6))
    return rows, rests


def test_while_others_write_a_piece_takes_a_tenth_of_a_second_and_a_quarter_of_it_is_theirs() -> None:
    rows, rests = pour(Turns(1000, 20_000), 1e-5, 100, others=True)
    assert rows == [1000] + [10_000] * 99
    assert rests == [0.0025] + [0.025] * 99


def test_alone_pieces_grow_and_a_rest_comes_once_a_second() -> None:
    rows, rests = pour(Turns(1000, 60_000), 1e-5, 60, others=False)
    assert rows[1:30] == [10_000] * 29, "nobody knows yet whether anybody writes"
    assert rows[-20:] == [50_000] * 20
    assert rests[-20:] == [0.11, 0.0] * 10


def test_whoever_writes_has_short_pieces_again_at_once() -> None:
    turns = Turns(1000, 60_000)
    pour(turns, 1e-5, 60, others=False)
    turns.after(turns.rows, 0.5, others=True)
    assert pour(turns, 1e-5, 20, others=False) == ([10_000] * 20, [0.025] * 20)


def test_a_slow_disk_is_given_the_least_and_a_fast_one_the_most() -> None:
    assert pour(Turns(1000, 20_000), 1e-2, 3, others=True)[0] == [1000] * 3
    assert pour(Turns(1000, 20_000), 0.0, 3, others=True)[0] == [1000, 20_000, 20_000]
