"""Facts of all kinds, many in one transaction: what each alone would write, all write together.

A statement runs once for all values of a group. So whatever goes by one statement has the same names, and none holds a
list of values (``in_((…))``), which the library takes for one row only: it would refuse the group, and each fact of it
would have to be written by itself.
"""

import dataclasses
import importlib
import logging
import pkgutil
import typing
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Delete, Insert, Update, create_engine
from sqlalchemy.exc import IntegrityError

from campaigns.attempt import Result
from campaigns.facts import AttemptEnded, AttemptStarted, ContactSettled
from campaigns.ports import NewContact
from core import events
from core.events import Event, Fact
from store.changes import Values
from store.projection import append, changes, project
from store.schema import metadata
from store.store import Store

ROOMS = ("acd", "archive", "asr", "campaigns", "core", "desk", "ivr", "service", "telephony")
WORDS = sorted({*Result, "retry", "finished", "refuse", "reached", "listed", "promotion", "service"})
"""Such as make a difference to what is written."""
VALUES: dict[object, st.SearchStrategy[object]] = {
    str: st.sampled_from(WORDS) | st.text(max_size=4),
    int: st.integers(0, 2**40),
    float: st.floats(0.0, 1e10),
    bool: st.booleans(),
    type(None): st.none(),
}
Seen: typing.TypeAlias = list[tuple[Delete | Insert | Update, list[Values]]]
SETTINGS = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@cache
def kinds() -> list[type[Fact]]:
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if module.name.endswith("facts"):
                importlib.import_module(module.name)
    known = [events._registry[name] for name in sorted(events._registry)]
    return [kind for kind in known if kind.__module__.partition(".")[0] in ROOMS]  # other tests make facts too


def facts_of(kind: type[Fact]) -> st.SearchStrategy[Fact]:
    hints = typing.get_type_hints(kind)
    fields = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]  # every fact is a dataclass
    return st.builds(kind, **{name: _values(hints[name]) for name in fields})


def _values(hint: object) -> st.SearchStrategy[object]:
    if typing.get_origin(hint) is tuple:
        return st.lists(VALUES[str], max_size=2).map(tuple)
    return st.one_of([VALUES[part] for part in typing.get_args(hint) or (hint,)])


def events_of(facts: Sequence[Fact]) -> list[Event]:
    return [Event(f"e-{at}", 1000.0 + at, f"c-{at}", fact) for at, fact in enumerate(facts, 1)]


@pytest.fixture(scope="module")
def memory() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def seen() -> Seen:
    """Every statement by which facts are written, with the values of some."""
    found: dict[int, tuple[Delete | Insert | Update, list[Values]]] = {}

    @settings(SETTINGS, max_examples=8)
    @given(st.tuples(*map(facts_of, kinds())))
    def look(facts: Sequence[Fact]) -> None:
        for event in events_of(facts):
            for change in changes(event):
                found.setdefault(id(change.statement), (change.statement, []))[1].append(change.values)

    look()
    assert len(found) > 70
    return list(found.values())


def test_whatever_goes_by_one_statement_has_the_same_names(seen: Seen) -> None:
    assert [str(statement) for statement, rows in seen if len({tuple(values) for values in rows}) > 1] == []


def test_every_statement_runs_for_many_rows(memory: Connection, seen: Seen) -> None:
    for statement, rows in seen:
        with suppress(IntegrityError), memory.begin_nested():  # two that make the same row
            memory.execute(statement, rows * 2)


@settings(SETTINGS, max_examples=40)
@given(st.lists(st.sampled_from(kinds()).flatmap(facts_of), min_size=2, max_size=60))
def test_facts_of_all_kinds_are_written_in_one_group(memory: Connection, facts: list[Fact]) -> None:
    with memory.begin_nested() as tried:
        with suppress(IntegrityError):
            project(memory, append(memory, events_of(facts)))
        tried.rollback()


async def test_two_talks_that_end_in_one_group_are_written_in_one(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = [f"+86138001380{at:02}" for at in range(1, 4)]
    await store.contacts.add("visits", [[NewContact(number, "", at) for at, number in enumerate(numbers, 1)]])
    with caplog.at_level(logging.ERROR):
        for at, number in enumerate(numbers, 1):
            store.log.post(f"c-{at}", AttemptStarted(f"a-{at}", "visits", at, number))
        for at, then in enumerate(("finished", "retry", "refuse"), 1):
            again_at = 2e9 if then == "retry" else None
            store.log.post(
                f"c-{at}", ContactSettled("visits", at, f"a-{at}", "code", then, agreed=False, again_at=again_at)
            )
        for at in range(1, 4):
            store.log.post(f"c-{at}", AttemptEnded(f"a-{at}", "visits", at, "talked"))
        await store.log.flush()
    assert caplog.messages == []
    stand = [(one.state, one.result) for one in await store.campaigns.results("visits")]
    assert stand == [("done", "talked"), ("pending", ""), ("done", "talked")]
