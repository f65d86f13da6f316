"""A few of the days of ``long_days``: reports say for every queue and half hour what was counted beside them."""

from tests.scenario.long_days import run


def test_reports_reconcile_over_random_days() -> None:
    found = run(2500, seed=2)
    assert found["events"] == 2500
    crashes, cells = found["crashes"], found["cells"]
    assert isinstance(crashes, int) and crashes > 3 and isinstance(cells, int) and cells > 50
