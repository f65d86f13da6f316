"""What a start does about a death: everything that was going on ends, once, at the moment of the death, as interrupted.

The order keeps every identity: ringing ends before its entry, the entry and the talk before the legs, the legs
before the call. A contact whose attempt was cut is known as tried: whether he is tried again, the attempt said as it
began; who had answered is not. A customer who was being called back has been tried once more. All of it is one
transaction.
"""

from typing import Final

from sqlalchemy import Connection, func, select

from acd.callback_facts import CallbackMissed
from acd.facts import AgentStateChanged, AgentStatus, OfferEnded, OfferResult, QueueLeft, QueueOutcome
from campaigns.attempt import Result
from campaigns.facts import AttemptEnded
from campaigns.preview_facts import PreviewDialled, PreviewShown
from campaigns.probe import ProbeResult
from campaigns.probe_facts import ProbeEnded
from store.callback_changes import DIALLED
from store.heartbeat import KEY
from store.log import EventLog
from store.rows import Recovered, UnfinishedRecording
from store.schema import (
    agent_states,
    attempts,
    callback_tries,
    callbacks,
    calls,
    events,
    legs,
    offers,
    probe_runs,
    queue_entries,
    recordings,
    settings,
    talks,
)
from store.writer import Transaction
from telephony.facts import CallEnded, LegOver, TalkEnded
from telephony.ports import EndReason

INTERRUPTED: Final = EndReason.INTERRUPTED.value


async def recover(log: EventLog) -> Recovered:
    """End what is open; returns what was ended and the recordings whose files must be mended."""
    return await log.write(end_all)


def unfinished_recordings(connection: Connection) -> tuple[UnfinishedRecording, ...]:
    """Recordings that began and were never finished, oldest first."""
    statement = select(recordings).where(recordings.c.duration_s.is_(None)).order_by(recordings.c.started_at)
    return tuple(
        UnfinishedRecording(row.id, row.call_id, row.path, row.left, row.right, row.started_at)
        for row in connection.execute(statement)
    )


def end_all(transaction: Transaction) -> Recovered:
    """The work of ``recover`` within its transaction."""
    connection = transaction.connection
    died_at = _moment_of_death(connection)
    _end_probes(transaction, died_at)
    return Recovered(
        died_at=died_at,
        offers=_end_offers(transaction, died_at),
        entries=_end_entries(transaction, died_at),
        talks=_end_talks(transaction, died_at),
        attempts=_end_attempts(transaction, died_at),
        callbacks=_end_tries(transaction, died_at),
        legs=_end_legs(transaction, died_at),
        calls=_end_calls(transaction, died_at),
        agents=_sign_agents_out(transaction, died_at),
        recordings=unfinished_recordings(connection),
    )


def _end_probes(transaction: Transaction, died_at: float) -> None:
    for row in (transaction.connection.execute(select(probe_runs).where(probe_runs.c.ended_at.is_(None)))).all():
        ended = ProbeEnded(row.id, row.probe, ProbeResult.INTERRUPTED.value, inbound=row.inbound)
        transaction.say(row.call_id, ended, at=died_at)


def _moment_of_death(connection: Connection) -> float:
    last_event: float = (connection.execute(select(func.coalesce(func.max(events.c.at), 0.0)))).scalar_one()
    beat: str | None = connection.scalar(select(settings.c.value).where(settings.c.key == KEY))
    return max(last_event, float(beat or 0.0))


def _end_offers(transaction: Transaction, died_at: float) -> int:
    rows = (transaction.connection.execute(select(offers).where(offers.c.ended_at.is_(None)))).all()
    for row in rows:
        ring_s = died_at - row.made_at
        result = OfferResult.WITHDRAWN.value
        transaction.say(row.call_id, OfferEnded(row.id, row.entry, row.queue, row.agent, result, ring_s), at=died_at)
    return len(rows)


def _end_entries(transaction: Transaction, died_at: float) -> int:
    rows = (transaction.connection.execute(select(queue_entries).where(queue_entries.c.left_at.is_(None)))).all()
    for row in rows:
        outcome = QueueOutcome.INTERRUPTED.value
        transaction.say(row.call_id, QueueLeft(row.id, row.queue, outcome, died_at - row.entered_at), at=died_at)
    return len(rows)


def _end_talks(transaction: Transaction, died_at: float) -> int:
    rows = (transaction.connection.execute(select(talks).where(talks.c.ended_at.is_(None)))).all()
    for row in rows:
        hold_s = row.held_s + (0.0 if row.held_since is None else died_at - row.held_since)
        talk_s = max(0.0, died_at - row.started_at - hold_s)
        transaction.say(row.call_id, TalkEnded(row.agent, talk_s, hold_s, row.queue), at=died_at)
    return len(rows)


def _end_attempts(transaction: Transaction, died_at: float) -> int:
    """Whoever had answered is done, with the result of the form that an agent filled in if there is one; of the others
    the attempt itself has said whether they are tried again.
    """
    answered = calls.c.answered_at.is_not(None)
    wanted = select(attempts, answered.label("answered")).outerjoin(calls, calls.c.id == attempts.c.call_id)
    rows = (transaction.connection.execute(wanted.where(attempts.c.ended_at.is_(None)))).all()
    for row in rows:
        if _only_shown(transaction, row.call_id):
            ended = AttemptEnded(row.id, row.campaign, row.contact, Result.WITHDRAWN.value)
        else:
            again_at = None if row.answered else row.again_at
            ended = AttemptEnded(row.id, row.campaign, row.contact, row.result or INTERRUPTED, again_at=again_at)
        transaction.say(row.call_id, ended, at=died_at)
    return len(rows)


def _only_shown(transaction: Transaction, call_id: str) -> bool:
    """Whether its contact was shown to an agent who had not called him yet: not one packet was sent to him."""
    names = (PreviewShown.name, PreviewDialled.name)
    said = select(events.c.name).where(events.c.call_id == call_id, events.c.name.in_(names))
    return set(transaction.connection.scalars(said)) == {PreviewShown.name}


def _end_tries(transaction: Transaction, died_at: float) -> int:
    """Customers who were being called back: whether their phones rang is not known, so it counts as a try."""
    rows = (transaction.connection.execute(select(callbacks).where(callbacks.c.state == DIALLED))).all()
    for row in rows:
        which = select(callback_tries.c.id).where(
            callback_tries.c.callback == row.id, callback_tries.c.ended_at.is_(None)
        )
        call_id: str = transaction.connection.scalar(which) or row.call_id
        missed = CallbackMissed(row.id, row.queue, INTERRUPTED, row.tries, died_at)
        transaction.say(call_id, missed, at=died_at)
    return len(rows)


def _end_legs(transaction: Transaction, died_at: float) -> int:
    rows = (transaction.connection.execute(select(legs).where(legs.c.ended_at.is_(None)))).all()
    for row in rows:
        transaction.say(row.call_id, LegOver(row.id, INTERRUPTED), at=died_at)
    return len(rows)


def _end_calls(transaction: Transaction, died_at: float) -> int:
    rows = (transaction.connection.execute(select(calls).where(calls.c.ended_at.is_(None)))).all()
    for row in rows:
        transaction.say(row.id, CallEnded(INTERRUPTED, "system"), at=died_at)
    return len(rows)


def _sign_agents_out(transaction: Transaction, died_at: float) -> int:
    newest = select(func.max(agent_states.c.seq)).group_by(agent_states.c.agent)
    on_duty = select(agent_states).where(
        agent_states.c.seq.in_(newest), agent_states.c.state != AgentStatus.OFFLINE.value
    )
    rows = (transaction.connection.execute(on_duty)).all()
    for row in rows:
        transaction.say("", AgentStateChanged(row.agent, AgentStatus.OFFLINE.value, INTERRUPTED), at=died_at)
    return len(rows)
