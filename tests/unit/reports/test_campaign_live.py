"""Where a campaign stands: shares, speed, and when it ends."""

from reports.campaign_live import Stand, campaign_live

NOW = 1_780_286_400.0


def test_speed_and_end_go_by_the_last_hour() -> None:
    ended = {"completed": 20, "busy": 7, "talked": 97, "abandoned": 3}
    stand = Stand(
        NOW, "running", pending=300, dialling=2, done=98, tried=100, ringing=1, talking=1, answered=120, talked=97,
        ended=ended, results={"busy": 7, "completed": 20, "talked": 71}, lately=50, first_at=NOW - 1800,
        why="why",
    )  # fmt: skip
    live = campaign_live("spring", stand)
    assert (live.contacts, live.penetration, live.attempts, live.answered) == (400, 0.25, 129, 121)
    assert (live.speed, live.ends_at) == (100.0, NOW + 3 * 3600)
    assert (live.abandoned.hits, live.abandoned.of, live.abandoned.share) == (3, 100, 0.03)
    assert list(live.results) == ["talked", "completed", "busy"]
    assert live.why == "why"


def test_what_is_not_known_is_not_told() -> None:
    for stand in (
        Stand(NOW, "running", pending=3, lately=2, first_at=NOW - 59),  # too short
        Stand(NOW, "running", pending=3),  # nobody was called in the last hour
        Stand(NOW, "paused", pending=3, lately=9, first_at=NOW - 900),
    ):
        assert campaign_live("spring", stand).ends_at is None
    assert campaign_live("spring", Stand(NOW, "")).penetration is None


def test_the_end_is_not_before_the_last_who_waits() -> None:
    """All who are left wait for their next try: the speed of the morning says nothing of when it ends."""
    stand = Stand(NOW, "running", pending=5, lately=50, first_at=NOW - 1800, last_due_at=NOW + 8 * 3600)
    assert campaign_live("spring", stand).ends_at == NOW + 8 * 3600
    soon = Stand(NOW, "running", pending=300, lately=50, first_at=NOW - 1800, last_due_at=NOW + 600)
    assert campaign_live("spring", soon).ends_at == NOW + 3 * 3600
