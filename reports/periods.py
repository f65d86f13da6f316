"""The period before: what a report is compared with."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reports.buckets import zone_of
from reports.model import Bucket, ReportQuery


def before(query: ReportQuery) -> ReportQuery:
    """The same asked, in one sum, of the period that ends where the query's begins: as many months before whole months,
    as many days before whole days (by the calendar, whatever clocks do), else the same length.
    """
    zone = zone_of(query.zone)
    since, until = (datetime.fromtimestamp(at, zone).replace(tzinfo=None) for at in (query.since, query.until))
    if all(_is_midnight(at) for at in (since, until)):
        months = 12 * (until.year - since.year) + until.month - since.month
        if since.day == until.day == 1 and months > 0:
            earlier = _moment(_months_before(since, months), zone)
        else:
            earlier = _moment(since - (until - since), zone)
    else:
        earlier = query.since - (query.until - query.since)
    return replace(query, since=earlier, until=query.since, bucket=Bucket.TOTAL)


def _is_midnight(at: datetime) -> bool:
    return at - at.replace(hour=0, minute=0, second=0, microsecond=0) == timedelta(0)


def _months_before(first: datetime, months: int) -> datetime:
    year, month = divmod(12 * first.year + first.month - 1 - months, 12)
    return first.replace(year=year, month=month + 1)


def _moment(local: datetime, zone: ZoneInfo) -> float:
    return local.replace(tzinfo=zone).timestamp()
