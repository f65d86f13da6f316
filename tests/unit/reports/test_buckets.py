"""Cutting time by local wall clocks, also on the days when they jump."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from reports.buckets import bucket_end, bucket_start, bucket_starts, label_of, zone_of
from reports.cuts import cut_of
from reports.model import Bucket, ReportQuery

CUT = [Bucket.HALF_HOUR, Bucket.HOUR, Bucket.DAY, Bucket.WEEK, Bucket.MONTH]


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def labels(since: str, until: str, bucket: Bucket, name: str) -> list[str]:
    zone = ZoneInfo(name)
    return [label_of(start, zone) for start in bucket_starts(epoch(since), epoch(until), bucket, zone)]


def test_days_in_shanghai_begin_at_local_midnight() -> None:
    found = labels("2026-03-02T07:00+08:00", "2026-03-04T00:00+08:00", Bucket.DAY, "Asia/Shanghai")
    assert found == ["2026-03-02T00:00+08:00", "2026-03-03T00:00+08:00"]


def test_half_hours_follow_the_wall_clock_in_kathmandu() -> None:
    found = labels("2026-03-02T09:10+05:45", "2026-03-02T10:01+05:45", Bucket.HALF_HOUR, "Asia/Kathmandu")
    assert [label[11:16] for label in found] == ["09:00", "09:30", "10:00"]


def test_the_hour_that_comes_twice_is_two_buckets() -> None:
    found = labels("2026-11-01T00:30-04:00", "2026-11-01T02:30-05:00", Bucket.HOUR, "America/New_York")
    assert [label[11:] for label in found] == ["00:00-04:00", "01:00-04:00", "01:00-05:00", "02:00-05:00"]


def test_the_hour_that_does_not_come_is_no_bucket() -> None:
    found = labels("2026-03-08T01:00-05:00", "2026-03-08T04:00-04:00", Bucket.HOUR, "America/New_York")
    assert [label[11:] for label in found] == ["01:00-05:00", "03:00-04:00"]


def test_days_of_23_and_25_hours() -> None:
    zone = ZoneInfo("America/New_York")
    for day, hours in (("2026-03-08", 23), ("2026-11-01", 25), ("2026-07-01", 24)):
        start = bucket_start(epoch(f"{day}T12:00-05:00"), Bucket.DAY, zone)
        assert bucket_end(start, Bucket.DAY, zone) - start == hours * 3600


@pytest.mark.parametrize("name", ["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
@pytest.mark.parametrize("bucket", [Bucket.HALF_HOUR, Bucket.HOUR])
@pytest.mark.parametrize("since", ["2026-03-07T20:00+00:00", "2026-04-04T06:00+00:00", "2026-10-31T20:00+00:00"])
def test_moments_lie_in_the_buckets_of_the_wall_clock(name: str, bucket: Bucket, since: str) -> None:
    zone, first = ZoneInfo(name), epoch(since)
    moments = np.arange(first, first + 86_400.0, 700.0)
    cut = cut_of(ReportQuery(first, first + 86_400.0, bucket, zone=name), moments)
    starts = [max(first, bucket_start(at, bucket, zone)) for at in moments.tolist()]
    assert cut.starts[cut.of(moments)].tolist() == starts
    ends = [min(first + 86_400.0, bucket_end(bucket_start(at, bucket, zone), bucket, zone)) for at in cut.starts]
    assert cut.ends.tolist() == ends


def test_too_many_buckets_are_refused() -> None:
    with pytest.raises(ParseError):
        list(bucket_starts(0, 1e9, Bucket.HALF_HOUR, zone_of("Asia/Shanghai")))


@settings(max_examples=200, deadline=None)
@given(
    st.floats(1.4e9, 2.0e9),
    st.sampled_from(CUT),
    st.sampled_from(
        [
            "Asia/Shanghai",
            "Asia/Kathmandu",
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "America/Havana",
        ]
    ),
)
def test_every_instant_is_in_exactly_one_bucket(at: float, bucket: Bucket, name: str) -> None:
    zone = ZoneInfo(name)
    start = bucket_start(at, bucket, zone)
    end = bucket_end(start, bucket, zone)
    assert start <= at < end
    assert bucket_start(start, bucket, zone) == start
    assert bucket_start(end - 0.001, bucket, zone) == start
    assert bucket_start(end, bucket, zone) == end


@pytest.mark.parametrize("bucket", CUT)
@pytest.mark.parametrize(
    ("jump", "name"),
    [
        ("2026-04-05T02:00+11:00", "Australia/Lord_Howe"),
        ("2026-10-04T02:00+10:30", "Australia/Lord_Howe"),
        ("2026-03-08T02:00-05:00", "America/New_York"),
        ("2026-11-01T02:00-04:00", "America/New_York"),
        ("2026-03-08T00:00-05:00", "America/Havana"),
        ("2026-11-01T01:00-04:00", "America/Havana"),
    ],
)
def test_buckets_around_jumps_leave_no_gap_and_do_not_overlap(bucket: Bucket, jump: str, name: str) -> None:
    zone = ZoneInfo(name)
    for minutes in range(-180, 181):
        at = epoch(jump) + 60 * minutes
        start = bucket_start(at, bucket, zone)
        end = bucket_end(start, bucket, zone)
        assert start <= at < end, (minutes, label_of(at, zone))
        assert bucket_start(end, bucket, zone) == end, (minutes, label_of(at, zone))


def test_weeks_begin_on_mondays_and_months_on_the_first() -> None:
    assert labels("2026-02-25T12:00+08:00", "2026-03-10T00:00+08:00", Bucket.WEEK, "Asia/Shanghai") == [
        "2026-02-23T00:00+08:00",
        "2026-03-02T00:00+08:00",
        "2026-03-09T00:00+08:00",
    ]
    assert labels("2026-01-31T12:00-05:00", "2026-04-01T00:00-04:00", Bucket.MONTH, "America/New_York") == [
        "2026-01-01T00:00-05:00",
        "2026-02-01T00:00-05:00",
        "2026-03-01T00:00-05:00",
    ]
