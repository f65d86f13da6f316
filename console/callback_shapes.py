"""Promises as the store has them, in the form of the API."""

from console.callback_views import CallbackTryView, CallbackView
from store.callback_rows import CallbackRow


def callback_view(row: CallbackRow | None) -> CallbackView | None:
    """The same for people."""
    if row is None:
        return None
    return CallbackView(
        id=row.id,
        queue=row.queue,
        number=row.number,
        call_id=row.call_id,
        promised_at=row.promised_at,
        expires_at=row.expires_at,
        state=row.state,
        tries=row.tries,
        again_at=row.again_at,
        agent=row.agent,
        outcome=row.outcome,
        by=row.by,
        ended_at=row.ended_at,
        made=[
            CallbackTryView(one.id, one.agent, one.started_at, one.ended_at, one.result, one.status) for one in row.made
        ],
    )
