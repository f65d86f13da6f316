"""Who talked with callers who gave up."""

from reports.abandoned import FOLLOW_S, Abandoned, Contact, FollowUp, follow, follow_up


def gone(name: str, number: str, left_at: float) -> Abandoned:
    return Abandoned(name, f"c-{name}", number, "4001", "sales", left_at - 30.0, left_at, 30.0)


def test_the_first_talk_afterwards_counts_whoever_called() -> None:
    """qpanel#249: a list of callers who gave up was wanted, to call them back."""
    abandoned = [
        gone("called", "139", 100.0),
        gone("again", "138", 100.0),
        gone("twice", "138", 300.0),
        gone("hidden", "", 100.0),
        gone("lost", "137", 100.0),
    ]
    talks = [
        Contact("c-9", "139", 5000.0, "bob", by_us=True),
        Contact("c-8", "139", 400.0, "amy", by_us=True),
        Contact("c-7", "139", 99.0, "amy", by_us=False),  # before he gave up
        Contact("c-6", "138", 200.0, "bob", by_us=False),
        Contact("c-5", "138", 350.0, "bob", by_us=True),
        Contact("c-4", "", 150.0, "amy", by_us=False),  # another who hid his number
        Contact("c-3", "137", 100.0 + FOLLOW_S, "amy", by_us=True),  # too late
    ]
    followed = follow(abandoned, talks)
    found = [(it.contact.call_id, it.after_s) if it.contact else None for it in followed]
    assert found == [("c-8", 300.0), ("c-6", 100.0), ("c-5", 50.0), None, None]
    assert follow_up(followed) == FollowUp(abandoned=5, called_back=2, came_back=1, lost=2)
