"""What a fact makes or changes: one statement with its values, fit for any database. Pure."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from sqlalchemy import Delete, Insert, Table, Update, bindparam, update

from core.events import Scalar
from store import schema, schema_desk, schema_interests, schema_rules

Values: TypeAlias = "dict[str, Scalar]"


@dataclass(frozen=True, slots=True)
class Change:
    """One statement with its values; statements are module constants, so equal ones can run together."""

    statement: Delete | Insert | Update
    values: Values

    @property
    def row(self) -> tuple[str, Scalar, Scalar]:
        """Which row it is about: its table, and in it the key (a talk, and what is said of it, is known by its call and
        agent, a bar and a consent by the number, an answer by its attempt and question, what an owner said by him and
        the car).
        """
        table = str(self.statement.table)
        values = self.values
        if table == schema.ratings.name:
            return table, values.get("call_id", values.get("row")), None
        if table in (schema.talks.name, schema_desk.dispositions.name):
            return table, values.get("call_id", values.get("row")), values.get("agent", values.get("of_agent"))
        if table == schema.survey_answers.name:
            return table, values.get("attempt", values.get("row")), values.get("question", values.get("of_question"))
        if table in (schema_rules.number_bars.name, schema_rules.consents.name):
            return table, values.get("number", values.get("row")), None
        if table == schema_interests.interests.name:
            return table, values.get("person", values.get("of_person")), values.get("vehicle", values.get("of_vehicle"))
        return table, values.get("row", values.get("id", values.get("seq", values.get("leg")))), None


def updating(table: Table, key: str, *columns: str, only_open: str = "") -> Update:
    """UPDATE of ``columns`` where ``key`` is the parameter ``row``; ``only_open`` must still be NULL, so the first
    word stands.
    """
    statement = update(table).where(table.c[key] == bindparam("row"))
    if only_open:
        statement = statement.where(table.c[only_open].is_(None))
    return statement.values({name: bindparam(f"new_{name}") for name in columns})


def inserted(statement: Insert, **values: Scalar) -> Change:
    """A new row."""
    return Change(statement, {name: _storable(value) for name, value in values.items()})


def changed(statement: Update, row: str | int, **values: Scalar) -> Change:
    """New ``values`` of row ``row``, by a statement that ``updating`` has made."""
    return Change(statement, {"row": row, **{f"new_{name}": _storable(value) for name, value in values.items()}})


def _storable(value: Scalar) -> Scalar:
    """Text from the wire may hold what no database takes as text: NUL and halves of surrogate pairs.

    A number that came out of numpy is made one of Python's own.
    """
    if not isinstance(value, str):
        return value if value is None or isinstance(value, int | float) else plain(value)
    if value.isprintable():
        return value
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def plain(value: object) -> Scalar:
    """What a fact should have held: numpy's scalars as Python's, anything else as text, so that no fact is lost for
    it.
    """
    if isinstance(value, np.generic):
        number: Scalar = value.item()
        return number
    return str(value)
