"""Is a phone there? One pulse for each phone, by OPTIONS, as a pure machine; the phones that fell silent get no calls.

Only a phone that has answered OPTIONS once can fall silent: there are phones that never answer them, and those are
rung all the same. What the far end refuses to connect is another matter: it is not there whatever it knows of OPTIONS.
So the states keep apart who has ever answered and who has not: where a connection was refused and then comes about, a
phone that has never answered is there and may be rung, silent as it is.

A phone that registers is there: it is rung from that moment on, and asked anew. One more miss, and it is silent again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from telephony.sip.hop import Hop

WAIT_S: Final = 4.5
"""How long is waited for an answer; over UDP the question has gone out four times then. Longer than a connection may
take (``transport.CONNECT_S``): one that does not come about must not pass for a phone that says nothing.
"""
AGAIN_S: Final = 4.0
"""How soon is asked again after a miss."""
AT_ONCE: Final = 50
"""How many are asked in one go, so that a thousand phones do not all answer at once."""
NOT_THERE: Final = frozenset({408, 430, 503, 504})
"""What a proxy before the phone answers in its place when it is gone."""

PhoneKey: TypeAlias = tuple[str, str, Hop]
"""One phone: its agent, its contact, and where it is reached."""


class Heard(Enum):
    """What came of a question."""

    ANSWER = auto()
    SILENCE = auto()
    UNREACHABLE = auto()  # nothing can be sent there


class Pulse(Enum):
    """What is known of a phone."""

    NEW = "new"  # not asked yet, or never (``interval_s`` 0)
    MUTE = "mute"  # has never answered OPTIONS: it may not know them
    REFUSED = "refused"  # has never answered, and could not be reached the last time
    ABSENT = "absent"  # the same twice: it is not there
    ALIVE = "alive"
    MISSED = "missed"  # has answered before, but not the last question
    SILENT = "silent"  # it is not there any more


_P, _H = Pulse, Heard
TABLE: Final[dict[tuple[Pulse, Heard], Pulse]] = {
    **{(pulse, _H.ANSWER): _P.ALIVE for pulse in Pulse},
    (_P.NEW, _H.SILENCE): _P.MUTE,
    (_P.MUTE, _H.SILENCE): _P.MUTE,
    (_P.REFUSED, _H.SILENCE): _P.MUTE,
    (_P.ABSENT, _H.SILENCE): _P.MUTE,
    (_P.ALIVE, _H.SILENCE): _P.MISSED,
    (_P.MISSED, _H.SILENCE): _P.SILENT,
    (_P.SILENT, _H.SILENCE): _P.SILENT,
    (_P.NEW, _H.UNREACHABLE): _P.REFUSED,
    (_P.MUTE, _H.UNREACHABLE): _P.REFUSED,
    (_P.REFUSED, _H.UNREACHABLE): _P.ABSENT,
    (_P.ABSENT, _H.UNREACHABLE): _P.ABSENT,
    (_P.ALIVE, _H.UNREACHABLE): _P.MISSED,
    (_P.MISSED, _H.UNREACHABLE): _P.SILENT,
    (_P.SILENT, _H.UNREACHABLE): _P.SILENT,
}
BACK: Final = {_P.ABSENT: _P.REFUSED, _P.SILENT: _P.MISSED}
"""What a phone becomes that registers though it was not there: its last miss counts, the one before it does not."""
_NOT_RUNG: Final = frozenset({_P.ABSENT, _P.SILENT})
_ASKED_SOON: Final = frozenset({_P.REFUSED, _P.ABSENT, _P.MISSED, _P.SILENT})


@dataclass(slots=True)
class PhonePulse:
    """Of one phone. ``round_trip_s`` is of its last answer, None while there is none; ``missed_at`` is when it was last
    missed, None where it has answered or registered since.
    """

    due: float
    state: Pulse = Pulse.NEW
    round_trip_s: float | None = None
    asked_at: float | None = None
    missed_at: float | None = None

    @property
    def rung(self) -> bool:
        """Whether calls go to it."""
        return self.state not in _NOT_RUNG

    def ask(self, now: float) -> bool:
        """Whether OPTIONS is to be sent now; it then counts as sent."""
        if self.asked_at is not None or now < self.due:
            return False
        self.asked_at = now
        return True

    def overdue(self, now: float) -> bool:
        """Whether the answer has not come in time."""
        return self.asked_at is not None and now - self.asked_at >= WAIT_S

    def hear(self, heard: Heard, now: float, interval_s: float) -> bool:
        """Take what came of a question, asked again every ``interval_s``; whether ``rung`` has changed.

        A late answer, to a question that counted as missed, says that the phone lives; a late silence says nothing.
        """
        was_rung, asked_at = self.rung, self.asked_at
        if asked_at is None and heard is not Heard.ANSWER:
            return False
        self.state, self.asked_at = TABLE[self.state, heard], None
        if heard is Heard.ANSWER:
            self.round_trip_s = now - asked_at if asked_at is not None else self.round_trip_s
            self.missed_at = None
        else:
            self.round_trip_s = None
            self.missed_at = now
        self.due = now + (min(AGAIN_S, interval_s) if self.state in _ASKED_SOON else interval_s)
        return self.rung is not was_rung

    def registered(self, at: float, now: float) -> bool:
        """Its registration was made or refreshed ``at``; whether ``rung`` has changed. Older than its last miss it says
        nothing. The question that is out went to a phone that may not have been there: it is asked another one.
        """
        if self.missed_at is None or at < self.missed_at:
            return False
        was_rung = self.rung
        self.state, self.missed_at = BACK.get(self.state, self.state), None
        self.asked_at, self.due = None, now
        return self.rung is not was_rung


class PhonePulses:
    """The pulses of all phones, asked every ``interval_s``; 0: nobody is asked, and everybody counts as there."""

    def __init__(self, interval_s: float = 0.0) -> None:
        self.interval_s = interval_s
        self._pulses: dict[PhoneKey, PhonePulse] = {}

    def answers(self, key: PhoneKey) -> bool:
        """False for a phone that is not there: it has fallen silent, or could never be reached."""
        pulse = self._pulses.get(key)
        return pulse is None or pulse.rung

    def of(self, key: PhoneKey) -> PhonePulse | None:
        """What is known of a phone."""
        return self._pulses.get(key)

    def keep(self, keys: Iterable[PhoneKey], now: float) -> None:
        """These are the phones that there are: new ones are asked at once, of others nothing is kept."""
        if self.interval_s <= 0:
            self._pulses.clear()
            return
        self._pulses = {key: self._pulses.get(key) or PhonePulse(now) for key in keys}

    def to_ask(self, now: float) -> list[PhoneKey]:
        """Who is to be sent OPTIONS now, at most ``AT_ONCE``; they then count as asked."""
        asked: list[PhoneKey] = []
        for key, pulse in self._pulses.items():
            if len(asked) >= AT_ONCE:
                break
            if pulse.ask(now):
                asked.append(key)
        return asked

    def overdue(self, now: float) -> list[PhoneKey]:
        """Whose answer has not come in time."""
        return [key for key, pulse in self._pulses.items() if pulse.overdue(now)]

    def hear(self, key: PhoneKey, heard: Heard, now: float) -> bool:
        """See ``PhonePulse.hear``; False for a phone that is not there any more."""
        pulse = self._pulses.get(key)
        return pulse is not None and pulse.hear(heard, now, self.interval_s)

    def registered(self, key: PhoneKey, at: float, now: float) -> bool:
        """See ``PhonePulse.registered``; False for a phone that is new."""
        pulse = self._pulses.get(key)
        return pulse is not None and pulse.registered(at, now)
