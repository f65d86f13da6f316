"""The lines of the log: whose time they tell, and what the trace adds."""

import logging
from zoneinfo import ZoneInfo

from service.logs import LocalLines

AT = 1_777_595_400.25
"""2026-05-01 00:30:00.25 UTC."""


def line(zone: str) -> str:
    record = logging.LogRecord("line400.trunk", logging.INFO, "", 0, "trunk %s: up", ("a",), None)
    record.created = AT
    return LocalLines(ZoneInfo(zone)).format(record)


def test_times_are_of_the_house_and_say_how_far_they_are_from_utc() -> None:
    assert line("Asia/Shanghai") == "2026-05-01 08:30:00.250+08:00 INFO    line400.trunk: trunk a: up"
    assert line("America/New_York").startswith("2026-04-30 20:30:00.250-04:00 ")
    record = logging.LogRecord("a", logging.INFO, "", 0, "b", (), None)
    assert LocalLines(None).format(record)[23] in "+-", "without a configuration: the machine's own, no less exactly"
