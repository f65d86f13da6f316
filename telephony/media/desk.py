"""The desk of a worker: makes true who hears whom. Plain talks are relayed, everybody else is mixed on the tick.

``hearing`` says what follows from the commands; here relays are set and parted, and each set of legs that hang together
gets a ``Table``: their voices out of jitter buffers, through the mixer, into their senders. A talk that is only relayed
costs nothing here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from core.errors import LocalProtocolError
from telephony.media.hearing import Hearing, check_gain, check_sources, plan
from telephony.media.leg import MediaLeg
from telephony.media.player import Player
from telephony.media.port import MediaEvent, PlayEnded
from telephony.media.table import Party, Table, ending, going_on
from telephony.rtp.fade import Sound
from telephony.sound.mixer import MOST_SEATS

_FEW: Final = 4
"""With more legs than this, changes wait for the next tick: all that is said of a room of 32 is then done at once."""


class Desk:
    """All tables of a worker. ``legs`` are the engine's; ``hears`` is told of each leg that may hear others now."""

    def __init__(
        self, legs: Mapping[str, MediaLeg], emit: Callable[[MediaEvent], None], hears: Callable[[str], None]
    ) -> None:
        self._legs = legs
        self._tell = hears
        self._emit = emit
        self._hearing = Hearing()
        self._parties: dict[str, Party] = {}
        self._tables: dict[Table, None] = {}
        self._unsettled: set[str] = set()  # legs of big rooms, about which much may be said before the next tick

    def hear(self, leg: str, sources: Mapping[str, float]) -> None:
        """See ``MediaPort.hear``."""
        check_sources(leg, sources)
        for source in sources:
            if source not in self._legs:
                raise LocalProtocolError(f"no leg {source} at the media port")
        before = self._hearing.sources(leg)
        self._hearing.set(leg, sources)
        concerned = self._hearing.around((leg, *before))
        if len(concerned) > MOST_SEATS and len(self._hearing.around((leg,))) > MOST_SEATS:
            self._hearing.set(leg, before)
            raise LocalProtocolError(f"more than {MOST_SEATS} legs would hang together with {leg}")
        self._settle_soon(concerned)

    def bridge(self, left: str, right: str) -> None:
        """See ``MediaPort.bridge``."""
        if left == right:
            raise LocalProtocolError(f"leg {left} cannot be bridged to itself")
        concerned = self._hearing.around((left, right))
        self._hearing.part(left)
        self._hearing.part(right)
        self._hearing.set(left, {right: 0.0})
        self._hearing.set(right, {left: 0.0})
        self._settle(concerned)

    def part(self, leg: str) -> None:
        """See ``MediaPort.unbridge``."""
        concerned = self._hearing.around((leg,))
        self._hearing.part(leg)
        self._settle(concerned)

    def level(self, leg: str, gain_db: float, *, automatic: bool) -> None:
        """See ``MediaPort.level``."""
        check_gain(gain_db)
        party = self._party(leg)
        party.seat.level(gain_db, automatic=automatic)
        party.gain_db = gain_db
        party.levelled = automatic or gain_db != 0.0
        self._settle_soon(self._hearing.around((leg,)))

    def heard(self, leg: str) -> dict[str, float]:
        """Whom ``leg`` hears, and at which gains in dB (without the automatic ones)."""
        return {
            source: gain_db + (self._parties[source].gain_db if source in self._parties else 0.0)
            for source, gain_db in self._hearing.sources(leg).items()
        }

    def play_over(self, leg: str, player: Player | None) -> None:
        """Play ``player`` over what ``leg`` hears, in place of what plays there now (None: only stop)."""
        if player is None and (leg not in self._parties or self._parties[leg].over is None):
            return
        party = self._party(leg)
        self._end_over(party, finished=False)
        party.over = player
        party.seat.duck(down=player is not None)
        party.leg.sender.lend(lent=player is not None)
        self._settle_soon(self._hearing.around((leg,)))

    def changed(self, leg: str) -> None:
        """The codec of ``leg`` has changed."""
        self._settle((leg,))

    def close(self, leg: str) -> None:
        """``leg`` is no more."""
        self.play_over(leg, None)
        self.part(leg)
        self._parties.pop(leg, None)

    def key(self, leg: str, key: str) -> list[MediaLeg]:
        """The far end of ``leg`` has pressed ``key``: it is sent on to who talks with it alone by way of a mix, as the
        relay would have done. Those who now send keys.
        """
        talkers = [
            self._legs[listener]
            for listener in self._hearing.listeners(leg)
            if len(self._hearing.sources(listener)) == 1 and self._legs[listener].speaker is None
        ]
        for talker in talkers:
            talker.sender.press(key)
        return talkers

    def tick(self, passed: int, now: int) -> None:
        """``passed`` frames of 20 ms have gone by."""
        if self._unsettled:
            unsettled = [leg for leg in self._unsettled if leg in self._legs]
            self._unsettled.clear()
            self._settle(unsettled)
        for table in tuple(self._tables):
            table.tick(passed, now)

    def _party(self, leg: str) -> Party:
        party = self._parties.get(leg)
        if party is None:
            party = self._parties[leg] = Party(self._legs[leg])
        return party

    def _may_relay(self, source: str, listener: str) -> bool:
        speaker, hearer = self._parties.get(source), self._parties.get(listener)
        if (speaker is not None and speaker.levelled) or (hearer is not None and hearer.over is not None):
            return False
        return self._legs[source].may_relay_to(self._legs[listener])

    def _settle_soon(self, concerned: Sequence[str]) -> None:
        """As ``_settle`` for legs that are all that hang together; at the next tick where they are many."""
        if len(concerned) > _FEW:
            self._unsettled.update(concerned)
        else:
            self._settle(concerned)

    def _settle(self, concerned: Iterable[str]) -> None:
        """Make true what the commands have changed around these legs."""
        names = self._hearing.around(concerned)
        found = plan(self._hearing, names, self._may_relay)
        carried: dict[str, Sound | None] = {}
        for name in names:
            speaker = self._legs[name].speaker
            if speaker is not None and speaker.name != found.relays.get(name):
                if speaker.name in self._hearing.sources(name):
                    carried[name] = going_on(speaker, self._frames_until_mixed(speaker.name))
                speaker.relay_to(None)
        for listener, source in found.relays.items():
            party = self._parties.get(listener)
            if party is not None and self._hearing.sources(listener):
                self._legs[listener].sender.follow(ending(party))
            self._legs[source].relay_to(self._legs[listener])
        self._lay(names, found.rooms, found.relays)
        for name, carry in carried.items():
            self._parties[name].carry = carry
        for name in names:
            self._tell(name)

    def _frames_until_mixed(self, leg: str) -> int:
        """How long what was relayed of ``leg`` has to be carried on: its jitter buffer may have to fill first."""
        party = self._parties.get(leg)
        return 1 if party is not None and party.playout is not None else 2

    def _lay(self, names: Sequence[str], rooms: Iterable[Sequence[str]], relays: Mapping[str, str]) -> None:
        """Seat these legs: those of each room at a table of their own, the others at none."""
        for party in [self._parties[name] for name in names if name in self._parties]:
            if party.table is not None:
                self._tables.pop(party.table, None)
                party.table = None
        seated = [[self._party(name) for name in room] for room in rooms]
        placed = {party for parties in seated for party in parties}
        for party in [self._parties[name] for name in names if name in self._parties]:
            if party not in placed and party.over is not None:
                seated.append([party])  # it hears nothing but what plays
            elif party not in placed:
                self._seat_out(party)
        for parties in seated:
            self._seat(parties, relays)

    def _seat(self, parties: Sequence[Party], relays: Mapping[str, str]) -> None:
        listening = [party for party in parties if party.leg.name not in relays]
        spoken: set[str] = set()
        for party in parties:
            sources = self._hearing.sources(party.leg.name) if party in listening else {}
            spoken.update(sources)
            party.seat.hear({self._parties[source].seat: gain_db for source, gain_db in sources.items()})
        table = Table(parties, [party for party in listening if party.seat.hears or party.over], self._over_done)
        for party in parties:
            party.table = table
            if party.leg.name not in spoken:
                self._mute(party)
            elif party.playout is None:
                party.playout = party.leg.start_playout()
        self._tables[table] = None

    def _mute(self, party: Party) -> None:
        if party.playout is not None:
            party.playout = None
            party.leg.stop_playout()

    def _seat_out(self, party: Party) -> None:
        """It is at no table any more; what is known of it goes too where that is nothing of note."""
        self._mute(party)
        party.seat.hear({})
        party.seat.heard.clear()
        party.newest.clear()
        if not party.levelled:
            self._parties.pop(party.leg.name, None)

    def _over_done(self, party: Party) -> None:
        self._end_over(party, finished=True)
        party.seat.duck(down=False)
        party.leg.sender.lend(lent=False)
        self._settle((party.leg.name,))

    def _end_over(self, party: Party, *, finished: bool) -> None:
        over, party.over = party.over, None
        if over is not None:
            self._emit(PlayEnded(party.leg.name, over.play, finished))
