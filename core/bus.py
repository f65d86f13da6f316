"""The in-process bus: readers of the log in this process (console, MQTT, reports) hear each committed event, in order.

A handler is called synchronously and must return at once; a reader with slow work puts the event in its own bounded
queue.
"""

from collections.abc import Callable
from typing import TypeAlias

from core.clock import Clock
from core.events import Event, Fact

Handler: TypeAlias = Callable[[Event], None]


class Bus:
    """Fans committed events out to handlers in the order in which they subscribed."""

    __slots__ = ("_handlers",)

    def __init__(self) -> None:
        self._handlers: list[Handler] = []

    def subscribe(self, handler: Handler) -> Callable[[], None]:
        """Call ``handler`` for every event from now on; the returned function ends that."""
        self._handlers.append(handler)

        def unsubscribe() -> None:
            if handler in self._handlers:
                self._handlers.remove(handler)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Hand ``event`` to every handler."""
        for handler in tuple(self._handlers):
            handler(event)


class MemoryLog:
    """A log in memory, for tests and the simulator: it keeps ``events`` and publishes on ``bus``."""

    def __init__(self, clock: Clock, bus: Bus | None = None) -> None:
        self.events: list[Event] = []
        self.bus = bus or Bus()
        self._clock = clock

    def post(self, call_id: str, item: Fact) -> None:
        """See ``core.events.Log.post``."""
        self._append(call_id, item)

    async def commit(self, call_id: str, item: Fact) -> Event:
        """See ``core.events.Log.commit``."""
        return self._append(call_id, item)

    def facts(self, kind: type[Fact] = Fact) -> list[Fact]:
        """All facts of ``kind`` so far, oldest first."""
        return [event.fact for event in self.events if isinstance(event.fact, kind)]

    def _append(self, call_id: str, item: Fact) -> Event:
        seq = len(self.events) + 1
        event = Event(id=f"e-{seq}", at=self._clock.now(), call_id=call_id, fact=item, seq=seq)
        self.events.append(event)
        self.bus.publish(event)
        return event
