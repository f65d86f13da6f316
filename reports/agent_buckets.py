"""What agents did, in all and by half hour, hour, day, week or month.

A talk and a ring belong to the bucket in which they began, whole; time in a state is cut at the buckets' edges.
"""

from bisect import bisect_right
from dataclasses import replace

import numpy as np

from reports.agent_half_hours import KeptWork
from reports.agents import AgentTally
from reports.buckets import bucket_end, bucket_starts, in_half_hours, label_of, zone_of
from reports.model import AgentBucket, AgentReport, Bucket
from reports.rows import Ringing, StateSpan, TalkTime


class AgentTallies:
    """Takes the rows of one period and adds them up."""

    def __init__(self, since: float, until: float, zone: str, bucket: Bucket = Bucket.TOTAL) -> None:
        """``ParseError`` for an unknown zone and too many buckets. Not for hours of the week, which are no spans."""
        self._since, self._until, self._zone, self._bucket = since, until, zone, bucket
        self._whole = AgentTally()
        cut = bucket is not Bucket.TOTAL
        self._starts = list(bucket_starts(since, until, bucket, zone_of(zone))) if cut else []
        self._ends = [*self._starts[1:], bucket_end(self._starts[-1], bucket, zone_of(zone))] if cut else []
        self._tallies = [AgentTally() for _ in self._starts]

    def add_talk(self, talk: TalkTime) -> None:
        """A talk that began in the period."""
        self._whole.add_talk(talk)
        if self._starts:
            self._tally(talk.started_at).add_talk(talk)

    def add_ringing(self, ringing: Ringing) -> None:
        """An offer made in the period."""
        self._whole.add_ringing(ringing)
        if self._starts:
            self._tally(ringing.made_at).add_ringing(ringing)

    def add_span(self, span: StateSpan) -> None:
        """Time in a state, cut to the period already."""
        self._whole.add_span(span)
        since = span.since
        while self._starts and since < span.until:
            place = self._place(since)
            until = min(span.until, self._ends[place])
            self._tallies[place].add_span(replace(span, since=since, until=until))
            since = until

    @property
    def keepable(self) -> bool:
        """Whether kept half hours can be added: no bucket ends within one of them."""
        return not self._starts or in_half_hours(self._since, self._until, zone_of(self._zone))

    def add_kept(self, kept: KeptWork) -> None:
        """Half hours of the period, of which no row is added besides."""
        for _, agent, work in kept.added_up(np.zeros(len(kept.starts), dtype=np.int64)):
            self._whole.add_work(agent, work)
        if self._starts:
            for place, agent, work in kept.added_up(np.searchsorted(self._starts, kept.starts, side="right") - 1):
                self._tallies[place].add_work(agent, work)

    def report(self, made_at: float) -> AgentReport:
        """All that was added. Buckets in which nobody was there are left out."""
        zone = zone_of(self._zone)
        buckets = [
            AgentBucket(max(start, self._since), min(end, self._until), label_of(max(start, self._since), zone), lines)
            for start, end, tally in zip(self._starts, self._ends, self._tallies, strict=True)
            if (lines := tally.lines())
        ]
        return AgentReport(
            self._since, self._until, self._zone, made_at, self._whole.lines(), self._bucket, tuple(buckets)
        )

    def _tally(self, at: float) -> AgentTally:
        return self._tallies[self._place(at)]

    def _place(self, at: float) -> int:
        return bisect_right(self._starts, at) - 1
