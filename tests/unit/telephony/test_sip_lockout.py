"""Pauses of those who prove themselves wrongly, and tables that forget, on virtual time."""

from telephony.sip.lockout import FORGET_S, Lockout, Pause
from telephony.sip.recent import Recent


def test_pauses_double_up_to_the_longest() -> None:
    lockout: Lockout[str] = Lockout(3, 60.0)
    assert [lockout.wrong("a", 100.0) for _ in range(11)] == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert lockout.locked("a", 159.9)
    assert not lockout.locked("a", 160.0)
    assert not lockout.locked("b", 100.0)
    assert lockout.locked("a", 109.0, at_most_s=10.0)
    assert not lockout.locked("a", 110.0, at_most_s=10.0)


def test_what_is_forgiven_ends_the_pause_only_where_nothing_else_holds_it() -> None:
    lockout: Lockout[str] = Lockout(3, 60.0)
    for _ in range(5):
        lockout.wrong("a", 100.0)
    lockout.forgive("a", 1)
    assert lockout.locked("a", 101.0), "four are left, and three are free"
    lockout.forgive("a", 1)
    assert not lockout.locked("a", 101.0)
    assert lockout.count("a") == 3
    lockout.forgive("a", 99)
    lockout.forgive("nobody", 1)
    assert (lockout.count("a"), len(lockout)) == (0, 0)


def test_old_guesses_are_forgotten_but_not_within_a_pause() -> None:
    lockout: Lockout[str] = Lockout(0, 2 * FORGET_S)
    for _ in range(30):
        pause_s = lockout.wrong("a", 0.0)
    assert pause_s == 2 * FORGET_S
    assert lockout.wrong("a", 2 * FORGET_S + 1) == 2 * FORGET_S
    assert lockout.wrong("a", 2 * FORGET_S + 1 + 3 * FORGET_S) == 1.0


def test_pauses_are_shown_lifted_and_shortened() -> None:
    lockout: Lockout[str] = Lockout(1, 60.0)
    lockout.wrong("a", 100.0)
    assert lockout.pauses(100.0) == [], "one is free"
    lockout.wrong("a", 110.0)
    for _ in range(9):
        lockout.wrong("b", 120.0)
    assert lockout.pauses(110.5) == [Pause("a", 2, 100.0, 111.0), Pause("b", 9, 120.0, 180.0)]
    assert [one.key for one in lockout.pauses(130.0)] == ["b"]
    lockout.change(1, 15.0)
    assert lockout.pauses(130.0) == [Pause("b", 9, 120.0, 135.0)], "no pause is longer than the longest"
    lockout.lift("b")
    lockout.lift("nobody")
    assert (lockout.pauses(130.0), lockout.count("b"), lockout.count("a")) == ([], 0, 2)
    lockout.change(2, 60.0)
    assert (lockout.wrong("b", 140.0), lockout.wrong("b", 140.0), lockout.wrong("b", 140.0)) == (0.0, 0.0, 1.0)


def test_tables_are_bounded() -> None:
    lockout: Lockout[int] = Lockout(0, 60.0, max_kept=100)
    for number in range(1000):
        lockout.wrong(number, 0.0)
    assert len(lockout) == 100
    table: Recent[str, int] = Recent(2)
    for number, key in enumerate(("a", "b", "a", "c")):
        table.put(key, number)
    assert (table.get("a"), table.get("b"), table.get("c")) == (2, None, 3), "the one put there longest ago goes"
    table.drop("a")
    table.drop("a")
    assert len(table) == 1
