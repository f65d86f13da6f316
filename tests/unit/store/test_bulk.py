"""The quick ways of many rows write and ask what the usual ways would."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, Text, create_engine, select
from sqlalchemy.dialects import postgresql

from store.bulk import among, insert_rows, json_objects

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_table = Table("t", MetaData(), Column("word", Text))


@given(
    st.lists(st.dictionaries(_texts, _texts | st.sampled_from(['},\n{"a": "b",\n', ",\n", "\n", "}\n{"]), max_size=4))
)
def test_objects_are_written_as_json_writes_them(rows: list[Mapping[str, str]]) -> None:
    assert json_objects(rows) == [json.dumps(row, ensure_ascii=False) for row in rows]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)))
def test_among_many_texts(texts: list[str]) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        _table.create(connection)
        insert_rows(connection, _table, ("word",), [(text,) for text in {*texts, "b", "老"}])
        found = connection.execute(select(_table.c.word).where(among(connection, _table.c.word, texts))).scalars().all()
    engine.dispose()
    assert sorted(found) == sorted(set(texts))


def test_among_is_one_parameter_on_postgresql() -> None:
    class Connection:
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

    statement = select(_table.c.word).where(among(Connection(), _table.c.word, ["a", "b"]))  # type: ignore[arg-type]
    compiled = statement.compile(dialect=Connection.dialect)
    assert "word = ANY (" in str(compiled)
    assert compiled.params == {"param_1": ["a", "b"]}


def test_columns_in_another_order_are_refused() -> None:
    table = Table("u", MetaData(), Column("a", Text), Column("b", Text))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        with pytest.raises(ValueError, match="in its order"):
            insert_rows(connection, table, ("b", "a"), [("1", "2")])
    engine.dispose()
