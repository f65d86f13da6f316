"""What the process that looks into campaigns is told: the moment comes out as it went in."""

import json
from datetime import date

from desk.offers import Offer
from desk.selection import Moment, Warranties, Warranty
from service.feed_worker import FeedOrder, moment_of_order, order_line, order_of

OFFERS = (
    Offer("老轩逸换新", "新轩逸", date(2026, 11, 1), date(2027, 4, 30), 9000, ("轩逸",), ("轿车",), 4.5, 12, 0, 150_000,
          date(2027, 3, 15)),
    Offer("全系", "任选", date(2026, 11, 1), date(2027, 4, 30)),
)  # fmt: skip


def test_an_order_holds_the_whole_moment() -> None:
    warranties = Warranties(Warranty(36, 60_000), {"逍客": Warranty(60, 100_000)})
    moment = Moment(date(2026, 11, 22), 1_795_000_000.0, warranties, OFFERS, ("春季",))
    line = order_line(order_of("跟进", "sqlite:///a.db", moment))
    assert line.count("\n") == 1
    order = FeedOrder(**json.loads(line))
    assert (order.campaign, order.database, moment_of_order(order)) == ("跟进", "sqlite:///a.db", moment)
