"""Live events to many readers: each has its own bounded queue; a reader that is too slow is let go and may resume."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

from pydantic import TypeAdapter

from acd.alarm_figures import AlarmFigures
from acd.facts import QueueEntered, QueueLeft
from console.board import LiveBoard
from console.live_views import Board
from console.masks import is_told, mask_board, mask_data
from console.ports import Directory
from console.problems import Problem
from console.today import TodayCount
from console.views import EventView
from core.bus import Bus
from core.events import Event, pack

_BOARD: Final = TypeAdapter(Board)
_SHARED_S: Final = 0.2
RESUME_MOST: Final = 5000
"""So many missed events are sent again at most; who was away for longer must load afresh."""


def view_of(event: Event) -> EventView:
    """An event as the API shows it."""
    return EventView(event.seq, event.id, event.at, event.call_id, event.fact.name, pack(event.fact))


def event_text(view: EventView, *, masked: bool) -> str:
    """The message that tells ``view``."""
    body = {"kind": "event", **asdict(view)}
    if masked:
        body["data"] = mask_data(view.data)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


class Reader:
    """One reader's queue of messages; ``agent`` is whose page it is, "" for nobody's. ``lost`` once it was too slow."""

    def __init__(self, most: int, *, masked: bool, agent: str = "") -> None:
        self.masked = masked
        self.agent = agent
        self.lost = False
        self.ready = asyncio.Event()
        self._most = most
        self._items: deque[tuple[int, str]] = deque()

    def put(self, seq: int, text: str) -> None:
        """Queue a message; never waits."""
        if len(self._items) >= self._most:
            self.lost = True
        else:
            self._items.append((seq, text))
        self.ready.set()

    def take(self) -> Sequence[tuple[int, str]]:
        """All that is queued."""
        items = list(self._items)
        self._items.clear()
        self.ready.clear()
        return items


class Feed:
    """Takes events from the bus, keeps the live board, and hands each event to every reader."""

    def __init__(
        self,
        bus: Bus,
        directory: Directory,
        today: TodayCount,
        *,
        most_readers: int,
        queue: int,
        alarms: AlarmFigures | None = None,
    ) -> None:
        self._alarms = alarms or AlarmFigures()
        self.board = LiveBoard(directory, self._alarms)
        self.today = today
        self._bus = bus
        self._most_readers = most_readers
        self._queue = queue
        self._readers: set[Reader] = set()
        self._boards: dict[bool, tuple[float, tuple[int, int], str]] = {}
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Listen to the bus from now on. Starting twice is no error."""
        if self._unsubscribe is None:
            self._unsubscribe = self._bus.subscribe(self._on_event)

    def stop(self) -> None:
        """Stop listening."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def open(self, *, masked: bool, agent: str = "") -> Reader:
        """A new reader; 503 where there are too many."""
        if len(self._readers) >= self._most_readers:
            raise Problem(503, "too many live readers", mend="Close a page or try again later.", code="too_many")
        reader = Reader(self._queue, masked=masked, agent=agent)
        self._readers.add(reader)
        return reader

    def pages_of(self, agent: str) -> int:
        """How many pages of the agent are open."""
        return sum(reader.agent == agent for reader in self._readers)

    def close(self, reader: Reader) -> None:
        """The reader has gone."""
        self._readers.discard(reader)

    def picture(self, now: float, *, masked: bool) -> Board:
        """The live picture at ``now``."""
        board = self.board.snapshot(now, self.today.current)
        return mask_board(board) if masked else board

    def board_text(self, now: float, *, masked: bool) -> str:
        """The message that tells the live picture, made once for all readers who ask at about the same time."""
        made_at, version, text = self._boards.get(masked, (0.0, (-1, -1), ""))
        if version != self.version or not 0 <= now - made_at < _SHARED_S:
            body = _BOARD.dump_json(self.picture(now, masked=masked)).decode()
            text = f'{{"kind":"board",{body[1:]}'
            self._boards[masked] = (now, self.version, text)
        return text

    @property
    def version(self) -> tuple[int, int]:
        """Changes whenever the live picture does."""
        return self.board.seq, self.today.version + self._alarms.version

    def _on_event(self, event: Event) -> None:
        self.board.apply(event)
        if isinstance(event.fact, QueueEntered | QueueLeft):
            self.today.changed()
        if not self._readers:
            return
        view = view_of(event)
        texts: dict[bool, str] = {}
        for reader in self._readers:
            if not is_told(view, masked=reader.masked, agent=reader.agent):
                continue
            if reader.masked not in texts:
                texts[reader.masked] = event_text(view, masked=reader.masked)
            reader.put(event.seq, texts[reader.masked])
