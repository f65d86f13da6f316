"""From what owners said of replacing their cars to its rows. Pure; part of ``store.projection``."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, insert, update

from core.events import Event
from desk.facts import InterestSaid
from store.changes import Change, inserted
from store.schema_interests import interests

_say: Final = insert(interests)
_unsay: Final = (
    update(interests)
    .where(interests.c.person == bindparam("of_person"), interests.c.vehicle == bindparam("of_vehicle"))
    .where(interests.c.stands)
    .values(stands=False)
)


def interest_changes(event: Event) -> Sequence[Change]:
    """In order: of a person and a car the last word stands."""
    match event.fact:
        case InterestSaid() as it:
            return [
                Change(_unsay, {"of_person": it.person, "of_vehicle": it.vehicle}),
                inserted(
                    _say, seq=event.seq, call_id=event.call_id, at=event.at, person=it.person, number=it.number,
                    vehicle=it.vehicle, level=it.level, day=it.day, agent=it.agent, by=it.by, note=it.note,
                ),
            ]  # fmt: skip
        case _:
            return []
