"""From facts to current state: which rows a fact makes or changes. Pure up to ``project``, which runs the statements.

The tables of calls, queues, agents, recordings and attempts can at any time be thrown away and made again from
``events``.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Final

from sqlalchemy import Connection, Delete, Insert, Update, bindparam, case, func, insert, select, update

from acd.facts import AgentStateChanged, OfferEnded, OfferMade, QueueEntered, QueueLeft, WaitTold
from acd.phone_facts import CallPlaced
from archive.facts import RecordingDeleted, RecordingHeld, RecordingKept, RecordingNotKept, RecordingReleased
from asr.facts import TranscriptFailed, TranscriptReady
from campaigns.facts import CampaignStateChanged, SurveyAnswered
from core.events import Event, Fact, Scalar, pack
from ivr.facts import VoicemailLeft
from reports.half_hours import half_hour_of
from store import schema
from store.callback_changes import callback_changes
from store.changes import Change, Values, changed, inserted, plain, updating
from store.contact_changes import contact_changes
from store.desk_changes import desk_changes
from store.disposition_changes import disposition_changes
from store.form_changes import form_changes
from store.interest_changes import interest_changes
from store.ledger import enter
from store.offer_changes import offer_changes
from store.plan_changes import plan_changes
from store.rule_changes import rule_changes
from store.schema_half_hours import half_hours
from telephony.facts import (
    CallAnswered,
    CallEnded,
    CallStarted,
    LegAnswered,
    LegMeasured,
    LegOver,
    LegStarted,
    RecordingFinished,
    RecordingGap,
    RecordingStarted,
    TalkEnded,
    TalkHeld,
    TalkResumed,
    TalkStarted,
)

RECORDING: Final = "recording"
WAITING: Final = "waiting"
READY: Final = "ready"
FAILED: Final = "failed"
"""States of a recording's transcription."""

KEPT: Final = "kept"
DELETED: Final = "deleted"
"""States of a recording's keeping, besides "" while it runs, ``WAITING`` and ``FAILED``."""
ALL_FILES: Final = "*"
"""As a leftover: every file that the recording may have."""


_call_start: Final = insert(schema.calls)
_call_place: Final = updating(schema.calls, "id", "direction", "ani", "dnis", "trunk")
_call_answer: Final = updating(schema.calls, "id", "answered_at", only_open="answered_at")
_call_end: Final = updating(schema.calls, "id", "ended_at", "reason", "by", "status", only_open="ended_at")
_leg_start: Final = insert(schema.legs)
_leg_answer: Final = updating(schema.legs, "id", "answered_at", only_open="answered_at")
_leg_end: Final = updating(schema.legs, "id", "ended_at", "reason", "status", only_open="ended_at")
_leg_measure: Final = insert(schema.leg_quality)
_entry_start: Final = insert(schema.queue_entries)
_half_hour_touched: Final = (
    update(half_hours)
    .where(half_hours.c.start >= bindparam("row"), half_hours.c.start <= bindparam("last"))
    .values(counted=False, touched=half_hours.c.touched + 1)
)
_entry_told: Final = updating(
    schema.queue_entries, "id", "told_ahead", "told_wait_s", "told_low_s", "told_high_s", only_open="told_wait_s"
)
_entry_end: Final = updating(schema.queue_entries, "id", "left_at", "outcome", "agent", "wait_s", only_open="left_at")
_offer_start: Final = insert(schema.offers)
_offer_end: Final = updating(schema.offers, "id", "ended_at", "result", "ring_s", only_open="ended_at")
_agent_state: Final = insert(schema.agent_states)
_recording_start: Final = insert(schema.recordings)
_recording_end: Final = updating(
    schema.recordings, "id", "duration_s", "repaired", "transcription", "keeping", only_open="duration_s"
)
_recording_text: Final = updating(schema.recordings, "id", "transcription", "why")
_recording_fail: Final = updating(schema.recordings, "id", "transcription", "why").values(
    tries=schema.recordings.c.tries + 1
)
_stored: Final = schema.recordings.c
_recording_kept: Final = updating(
    schema.recordings, "id", "path", "keep_as", "size", "sha256", "pcm_sha256", "key", "keeping", "keep_why"
).values(leftover=case((_stored.path == bindparam("new_path"), ""), else_=_stored.path))
_recording_not_kept: Final = updating(schema.recordings, "id", "keeping", "keep_why").values(
    keep_tries=_stored.keep_tries + 1
)
_recording_hold: Final = updating(schema.recordings, "id", "held_at", "held_by", "held_why")
_recording_delete: Final = updating(schema.recordings, "id", "deleted_at", "keeping", only_open="deleted_at").values(
    leftover=ALL_FILES,
    transcription=case((_stored.transcription == READY, READY), else_=FAILED),
    why=case((_stored.transcription == READY, _stored.why), else_="the recording was deleted"),
)
_recording_gap: Final = insert(schema.recording_gaps)
_recording_box: Final = updating(schema.recordings, "id", "box")
_campaign_state: Final = updating(schema.campaigns, "name", "state", "why")
_survey_answer: Final = insert(schema.survey_answers)

_OF_AGENTS: Final = (AgentStateChanged, OfferMade, TalkStarted)
_talks = schema.talks
_append: Final = insert(schema.events)
_last_seq: Final = select(func.coalesce(func.max(schema.events.c.seq), 0))
_open_talk: Final = (
    update(_talks)
    .where(_talks.c.call_id == bindparam("row"))
    .where(_talks.c.agent == bindparam("of_agent"))
    .where(_talks.c.ended_at.is_(None))
)
_talk_start: Final = insert(_talks)
_talk_hold: Final = _open_talk.where(_talks.c.held_since.is_(None)).values(held_since=bindparam("moment"))
_talk_resume: Final = _open_talk.where(_talks.c.held_since.is_not(None)).values(
    held_s=_talks.c.held_s + bindparam("moment") - _talks.c.held_since, held_since=None
)
_talk_end: Final = _open_talk.values(
    ended_at=bindparam("moment"), talk_s=bindparam("new_talk_s"), hold_s=bindparam("new_hold_s"), held_since=None
)


def changes(event: Event) -> Sequence[Change]:
    """What ``event`` makes or changes, in order; empty for facts that only the log keeps."""
    at, call_id = event.at, event.call_id
    match event.fact:
        case CallStarted() as it:
            return [inserted(_call_start, id=call_id, started_at=at, **pack_scalars(it))]
        case CallPlaced() as it:
            where: Values = {"direction": "outbound", "ani": it.ani, "dnis": it.dnis, "trunk": it.trunk}
            return [changed(_call_place, call_id, **where)]
        case CallAnswered():
            return [changed(_call_answer, call_id, answered_at=at)]
        case CallEnded() as it:
            return [changed(_call_end, call_id, ended_at=at, reason=it.reason, by=it.by, status=it.status)]
        case LegStarted() as it:
            return [inserted(_leg_start, id=it.leg, call_id=call_id, started_at=at, role=it.role, party=it.party)]
        case LegAnswered() as it:
            return [changed(_leg_answer, it.leg, answered_at=at)]
        case LegOver() as it:
            return [changed(_leg_end, it.leg, ended_at=at, reason=it.reason, status=it.status)]
        case LegMeasured() as it:
            return [inserted(_leg_measure, call_id=call_id, **pack_scalars(it))]
        case TalkStarted() as it:
            return [inserted(_talk_start, id=event.id, call_id=call_id, started_at=at, agent=it.agent, queue=it.queue)]
        case TalkHeld() as it:
            return [Change(_talk_hold, {"row": call_id, "of_agent": it.agent, "moment": at})]
        case TalkResumed() as it:
            return [Change(_talk_resume, {"row": call_id, "of_agent": it.agent, "moment": at})]
        case TalkEnded() as it:
            values: Values = {"row": call_id, "of_agent": it.agent, "moment": at}
            return [Change(_talk_end, {**values, "new_talk_s": it.talk_s, "new_hold_s": it.hold_s})]
        case _:
            rest = _changes_of_waiting(event) or _changes_of_keeping(event) or _changes_after_calls(event)
            desk = callback_changes(event) or desk_changes(event) or disposition_changes(event)
            said = contact_changes(event) or interest_changes(event) or form_changes(event)
            return rest or desk or said or rule_changes(event) or plan_changes(event) or offer_changes(event)


def _changes_of_waiting(event: Event) -> Sequence[Change]:
    at, call_id = event.at, event.call_id
    match event.fact:
        case QueueEntered() as it:
            return [inserted(_entry_start, id=it.entry, call_id=call_id, queue=it.queue, entered_at=at)]
        case WaitTold() as it:
            told: Values = {"told_wait_s": it.wait_s, "told_low_s": it.low_s, "told_high_s": it.high_s}
            return [changed(_entry_told, it.entry, told_ahead=it.ahead, **told)]
        case QueueLeft() as it:
            return [changed(_entry_end, it.entry, left_at=at, outcome=it.outcome, agent=it.agent, wait_s=it.wait_s)]
        case OfferMade() as it:
            whose: Values = {"entry": it.entry, "queue": it.queue, "agent": it.agent}
            return [inserted(_offer_start, id=it.offer, call_id=call_id, made_at=at, **whose)]
        case OfferEnded() as it:
            return [changed(_offer_end, it.offer, ended_at=at, result=it.result, ring_s=it.ring_s)]
        case AgentStateChanged() as it:
            return [inserted(_agent_state, seq=event.seq, at=at, agent=it.agent, state=it.state, reason=it.reason)]
        case _:
            return []


def _changes_of_keeping(event: Event) -> Sequence[Change]:
    match event.fact:
        case RecordingGap() as it:
            return [inserted(_recording_gap, seq=event.seq, **pack_scalars(it))]
        case RecordingKept() as it:
            form = {name: value for name, value in pack_scalars(it).items() if name != "recording"}
            return [changed(_recording_kept, it.recording, keeping=KEPT, keep_why="", **form)]
        case RecordingNotKept() as it:
            state = FAILED if it.final else WAITING
            return [changed(_recording_not_kept, it.recording, keeping=state, keep_why=it.why)]
        case RecordingHeld() as it:
            return [changed(_recording_hold, it.recording, held_at=event.at, held_by=it.by, held_why=it.why)]
        case RecordingReleased() as it:
            return [changed(_recording_hold, it.recording, held_at=None, held_by="", held_why="")]
        case RecordingDeleted() as it:
            return [changed(_recording_delete, it.recording, deleted_at=event.at, keeping=DELETED)]
        case _:
            return []


def _changes_after_calls(event: Event) -> Sequence[Change]:
    at, call_id = event.at, event.call_id
    match event.fact:
        case RecordingStarted() as it:
            where: Values = {"path": it.path, "left": it.left, "right": it.right, "transcription": RECORDING}
            return [inserted(_recording_start, id=it.recording, call_id=call_id, started_at=at, **where)]
        case RecordingFinished() as it:
            whole: Values = {"duration_s": it.duration_s, "repaired": it.repaired, "transcription": WAITING}
            return [changed(_recording_end, it.recording, keeping=WAITING, **whole)]
        case VoicemailLeft() as it:
            return [changed(_recording_box, it.recording, box=it.box)]
        case TranscriptReady() as it:
            return [changed(_recording_text, it.recording, transcription=READY, why="")]
        case TranscriptFailed() as it:
            state = FAILED if it.final else WAITING
            return [changed(_recording_fail, it.recording, transcription=state, why=it.why)]
        case CampaignStateChanged() as it:
            return [changed(_campaign_state, it.campaign, state=it.state, why=it.why)]
        case SurveyAnswered() as it:
            return [inserted(_survey_answer, seq=event.seq, at=at, **pack_scalars(it))]
        case _:
            return []


def pack_scalars(item: Fact) -> Values:
    """The fields of a fact that has only plain values."""
    return {name: value for name, value in pack(item).items() if not isinstance(value, list)}


def last_seq(connection: Connection) -> int:
    """The ``seq`` of the newest event, 0 for none."""
    newest: int = (connection.execute(_last_seq)).scalar_one()
    return newest


def append(connection: Connection, batch: Sequence[Event]) -> list[Event]:
    """Write ``batch`` to the log; returns it with the ``seq`` that each event got."""
    last = last_seq(connection)
    numbered = [replace(event, seq=last + offset) for offset, event in enumerate(batch, 1)]
    rows = [
        {
            "seq": event.seq,
            "id": event.id,
            "at": event.at,
            "call_id": event.call_id,
            "name": event.fact.name,
            "data": json.dumps(pack(event.fact), default=plain),  # pure ASCII, whatever the wire brought
        }
        for event in numbered
    ]
    connection.execute(_append, rows)
    return numbered


def project(connection: Connection, batch: Sequence[Event]) -> None:
    """Bring the tables up to ``batch``, which ``append`` has numbered."""
    for statement, values in grouped([change for event in batch for change in changes(event)]):
        connection.execute(statement, values)
    touched = _touched(batch)
    if touched:
        connection.execute(_half_hour_touched, touched)
    enter(connection, batch)


def _touched(batch: Sequence[Event]) -> list[dict[str, float]]:
    """Half hours that are to be counted again, where they were: such as get one entry more (of another node, say), and
    from the first late word of an agent on all, for his state lasts.
    """
    entered = {half_hour_of(event.at) for event in batch if isinstance(event.fact, QueueEntered)}
    found = [{"row": start, "last": start} for start in sorted(entered)]
    worked = [event.at for event in batch if isinstance(event.fact, _OF_AGENTS)]
    return [*found, {"row": half_hour_of(min(worked)), "last": inf}] if worked else found


def grouped(todo: Sequence[Change]) -> list[tuple[Delete | Insert | Update, list[Values]]]:
    """The same changes in fewer statements: those of different rows may change places, those of one row may not.

    Each change goes into the wave after the last one of its row; within a wave all rows differ, so equal statements
    with values of equal names run together.
    """
    last_wave: dict[tuple[str, Scalar, Scalar], int] = {}
    waves: list[dict[tuple[int, tuple[str, ...]], tuple[Delete | Insert | Update, list[Values]]]] = []
    for change in todo:
        wave = last_wave.get(change.row, -1) + 1
        last_wave[change.row] = wave
        if wave == len(waves):
            waves.append({})
        alike = id(change.statement), tuple(change.values)
        waves[wave].setdefault(alike, (change.statement, []))[1].append(change.values)
    return [group for wave in waves for group in wave.values()]
