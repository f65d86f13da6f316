"""The tables. ``events`` is the truth, append-only; every other table of calls is a projection of it, written in the
same transaction. Times are epoch seconds. Alembic's migrations make these tables; a test compares both."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_BigKey: Final = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only in a column declared INTEGER


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


events: Final = Table(
    "events",
    metadata,
    Column("seq", _BigKey, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("at", Float, nullable=False, index=True),
    Column("call_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("data", Text, nullable=False),
    Index("ix_events_call_id_seq", "call_id", "seq"),
)

calls: Final = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    _text("direction"),
    _text("ani"),
    _text("dnis"),
    _text("trunk"),
    Column("started_at", Float, nullable=False, index=True),
    Column("answered_at", Float),
    Column("ended_at", Float, index=True),
    _text("reason"),
    _text("by"),
    Column("status", Integer, nullable=False, server_default="0"),
    Index("ix_calls_ani_started_at", "ani", "started_at"),
)

legs: Final = Table(
    "legs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    _text("role"),
    _text("party"),
    Column("started_at", Float, nullable=False),
    Column("answered_at", Float),
    Column("ended_at", Float, index=True),
    _text("reason"),
    Column("status", Integer, nullable=False, server_default="0"),
)

leg_quality: Final = Table(
    "leg_quality",
    metadata,
    Column("leg", Text, primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    _text("role"),
    _text("party"),
    _text("codec"),
    Column("received_packets", Integer, nullable=False),
    Column("received_lost", Integer, nullable=False),
    Column("received_loss", Float, nullable=False),
    Column("received_jitter_ms", Float, nullable=False),
    Column("received_mos", Float),
    Column("sent_packets", Integer),
    Column("sent_lost", Integer),
    Column("sent_loss", Float),
    Column("sent_jitter_ms", Float),
    Column("sent_mos", Float),
    Column("round_trip_ms", Float),
)

queue_entries: Final = Table(
    "queue_entries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    _text("queue"),
    Column("entered_at", Float, nullable=False, index=True),
    Column("left_at", Float),
    Column("outcome", Text, nullable=False, server_default="", index=True),
    _text("agent"),
    Column("wait_s", Float),
    Column("told_ahead", Integer),
    Column("told_wait_s", Float),
    Column("told_low_s", Float),
    Column("told_high_s", Float),
)

offers: Final = Table(
    "offers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("entry", Text, nullable=False),
    Column("call_id", Text, nullable=False, index=True),
    _text("queue"),
    _text("agent"),
    Column("made_at", Float, nullable=False, index=True),
    Column("ended_at", Float),
    Column("result", Text, nullable=False, server_default="", index=True),
    Column("ring_s", Float),
)

talks: Final = Table(
    "talks",
    metadata,
    Column("id", Text, primary_key=True),  # the id of the event that began it
    Column("call_id", Text, nullable=False, index=True),
    _text("agent"),
    _text("queue"),
    Column("started_at", Float, nullable=False, index=True),
    Column("ended_at", Float, index=True),
    Column("talk_s", Float),
    Column("hold_s", Float),
    Column("held_since", Float),
    Column("held_s", Float, nullable=False, server_default="0"),  # holds that are over, while the talk goes on
)

agent_states: Final = Table(
    "agent_states",
    metadata,
    Column("seq", _BigKey, primary_key=True, autoincrement=False),  # of the event
    Column("agent", Text, nullable=False),
    Column("at", Float, nullable=False),
    _text("state"),
    _text("reason"),
    Index("ix_agent_states_agent_at", "agent", "at"),
    Index("ix_agent_states_at", "at"),
)

recordings: Final = Table(
    "recordings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    _text("path"),
    _text("left"),
    _text("right"),
    Column("started_at", Float, nullable=False),
    Column("duration_s", Float),
    Column("repaired", Boolean, nullable=False, server_default="0"),
    Column("transcription", Text, nullable=False, index=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    _text("why"),
    _text("box"),
    Column("keeping", Text, nullable=False, server_default="", index=True),
    Column("keep_tries", Integer, nullable=False, server_default="0"),
    _text("keep_why"),
    _text("keep_as"),
    Column("size", BigInteger),
    _text("sha256"),
    _text("pcm_sha256"),
    _text("key"),
    Column("held_at", Float),
    _text("held_by"),
    _text("held_why"),
    Column("deleted_at", Float),
    Column("leftover", Text, nullable=False, server_default="", index=True),  # a file that is to go, "*": all of them
    Index("ix_recordings_started_at", "started_at"),
)

recording_gaps: Final = Table(
    "recording_gaps",
    metadata,
    Column("seq", _BigKey, primary_key=True, autoincrement=False),  # of the event
    Column("recording", Text, nullable=False, index=True),
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    _text("why"),
)

recording_peaks: Final = Table(
    "recording_peaks",
    metadata,
    Column("recording", Text, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    Column("channels", Integer, nullable=False),
    Column("peaks", LargeBinary, nullable=False),  # see archive.peaks
)

transcripts: Final = Table(
    "transcripts",
    metadata,
    Column("recording", Text, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    _text("engine"),
    Column("duration_s", Float, nullable=False),
    Column("took_s", Float, nullable=False),
    Column("made_at", Float, nullable=False),
)

segments: Final = Table(
    "segments",
    metadata,
    Column("recording", Text, ForeignKey("transcripts.recording", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    _text("speaker"),
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    _text("text"),
    Column("words", Text, nullable=False),  # JSON: [[text, start_s, end_s, confidence], …]
)

campaigns: Final = Table(
    "campaigns",
    metadata,
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False, server_default=""),
    _text("why"),  # it paused by itself
    Column("created_at", Float, nullable=False),
)

contacts: Final = Table(
    "contacts",
    metadata,
    Column("id", _BigKey, primary_key=True, autoincrement=True),
    Column("campaign", Text, ForeignKey("campaigns.name", ondelete="CASCADE"), nullable=False),
    Column("person", _BigKey, nullable=False, server_default="0"),
    Column("number", Text, nullable=False),
    _text("name"),
    Column("fields", Text, nullable=False),  # JSON object of the list's other columns
    Column("state", Text, nullable=False),
    _text("result"),
    Column("not_before", Float, nullable=False, server_default="0"),  # while he is pending: not to be called sooner
    Column("renewed_at", Float, nullable=False, server_default="0"),  # tries from before do not count for the plan
    UniqueConstraint("campaign", "number"),
    Index("ix_contacts_campaign_state_not_before_id", "campaign", "state", "not_before", "id"),
)

attempts: Final = Table(
    "attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("contact", _BigKey, nullable=False, index=True),
    Column("call_id", Text, nullable=False, index=True),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float, index=True),
    _text("result"),
    Column("status", Integer, nullable=False, server_default="0"),
    Column("number", Text, nullable=False, server_default="", index=True),
    Column("again_at", Float),
)

survey_answers: Final = Table(
    "survey_answers",
    metadata,
    Column("seq", _BigKey, primary_key=True, autoincrement=False),  # of the event
    Column("at", Float, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("contact", _BigKey, nullable=False, index=True),
    Column("attempt", Text, nullable=False, index=True),
    *map(_text, ("question", "value", "how", "text")),
    _text("form"),  # the version of the survey: see ``store.schema_campaigns``
)

callbacks: Final = Table(
    "callbacks",
    metadata,
    Column("id", Text, primary_key=True),
    _text("queue"),
    _text("number"),
    Column("call_id", Text, nullable=False, index=True),  # in which it was promised
    Column("promised_at", Float, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("skills", Text, nullable=False, server_default="[]"),  # JSON: ["english:3", …]
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("again_at", Float, nullable=False, server_default="0"),
    Column("tried_at", Float),
    Column("state", Text, nullable=False, index=True),
    _text("agent"),
    _text("outcome"),
    _text("by"),
    Column("ended_at", Float),
)

callback_tries: Final = Table(
    "callback_tries",
    metadata,
    Column("id", Text, primary_key=True),  # of the call
    Column("callback", Text, nullable=False, index=True),
    _text("agent"),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    _text("result"),
    Column("status", Integer, nullable=False, server_default="0"),
)

ratings: Final = Table(
    "ratings",
    metadata,
    Column("call_id", Text, primary_key=True),  # a caller is asked once, at the end
    _text("queue"),
    _text("agent"),
    Column("asked_at", Float, nullable=False, index=True),
    Column("given_at", Float),
    Column("score", Integer),
    Column("best", Integer),
)

tasks: Final = Table(
    "tasks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    _text("queue"),
    _text("agent"),
    _text("detail"),
    Column("opened_at", Float, nullable=False),
    Column("closed_at", Float),
    _text("closed_by"),
    _text("note"),
    _text("owner"),
    *map(_text, ("survey", "form", "question", "value")),  # behind a low score
    Index("ix_tasks_closed_at_opened_at", "closed_at", "opened_at"),
)

probe_runs: Final = Table(
    "probe_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("probe", Text, nullable=False),
    Column("call_id", Text, nullable=False),  # as we dialled it
    _text("by"),
    Column("started_at", Float, nullable=False, index=True),
    Column("ended_at", Float),
    _text("result"),
    Column("ring_s", Float),
    Column("menu_s", Float),
    Column("wait_s", Float),
    _text("queue"),
    _text("agent"),
    _text("inbound"),  # the call as it came back in
    Column("status", Integer, nullable=False, server_default="0"),
)

accounts: Final = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("hash", Text, nullable=False),
    _text("agent"),
    Column("must_change", Boolean, nullable=False, server_default="0"),
    Column("changed_at", Float, nullable=False),
)

settings: Final = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
