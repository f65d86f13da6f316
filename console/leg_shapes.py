"""The store's legs and their quality as the console shows them."""

from console.views import DirectionView, LegQualityView, LegView
from store.rows import CallDetail, DirectionRow, LegQualityRow


def leg_views(found: CallDetail) -> list[LegView]:
    """The parties of a call, each with how its audio travelled."""
    measured = {quality.leg: _quality(quality) for quality in found.qualities}
    return [
        LegView(
            id=leg.id,
            role=leg.role,
            party=leg.party,
            started_at=leg.started_at,
            answered_at=leg.answered_at,
            ended_at=leg.ended_at,
            reason=leg.reason,
            status=leg.status,
            quality=measured.get(leg.id),
        )
        for leg in found.legs
    ]


def _quality(row: LegQualityRow) -> LegQualityView:
    sent = None if row.sent is None else _direction(row.sent)
    return LegQualityView(row.codec, _direction(row.received), sent, row.round_trip_ms)


def _direction(row: DirectionRow) -> DirectionView:
    return DirectionView(row.packets, row.lost, row.loss, row.jitter_ms, row.mos)
