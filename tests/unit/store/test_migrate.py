"""Migrations: from nothing, again on the same file, equal to the tables in code, and refusing what is newer."""

import stat
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from campaigns.ports import NewContact
from core.errors import ConfigError, Unavailable
from desk.people import Person
from store import migrate
from store.database import Database, parse_url
from store.migrate import upgrade
from store.schema import metadata
from telephony.facts import CallStarted
from tests.unit.store.conftest import Desk


@pytest.fixture(autouse=True)
def databases_are_migrated() -> None:
    """Here they begin from nothing."""


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_a_fresh_file_gets_all_tables_as_in_code(desk: Desk) -> None:
    database = Database(desk.url)
    await database.write(upgrade)
    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
    await database.close()


async def test_a_file_that_is_up_to_date_is_known_by_its_mark(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ScriptDirectory(str(Path(migrate.__file__).parent / "migrations")).get_heads() == [migrate.newest()]
    await (await desk.open()).close()
    monkeypatch.setitem(sys.modules, "store.alembic_run", None)  # whoever imports it now fails
    await (await desk.open()).close()


async def test_an_existing_file_keeps_its_rows(desk: Desk) -> None:
    for number in range(3):
        async with await desk.open() as opened:
            await opened.log.commit(f"c-{number}", CallStarted("inbound", "", ""))
    async with await desk.open() as opened:
        assert (await opened.calls.list()).total == 3


async def test_recordings_of_the_first_schema_wait_for_their_final_form(desk: Desk) -> None:
    def first_schema(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        columns = 'id, call_id, path, "left", "right", started_at, duration_s, transcription'
        for values in ("'r-1', 'c-1', 'r-1.wav', 'caller', 'agent', 1, 9.5, 'ready'",
                       "'r-2', 'c-2', 'r-2.wav', 'caller', 'agent', 2, NULL, 'recording'"):  # fmt: skip
            connection.execute(text(f"INSERT INTO recordings ({columns}) VALUES ({values})"))

    database = Database(desk.url)
    await database.write(first_schema)
    await database.close()
    async with await desk.open() as opened:
        assert [job.recording for job in await opened.keeping.to_keep()] == ["r-1"]
        assert [item.recording for item in await opened.unfinished_recordings()] == ["r-2"]


async def test_contacts_of_the_twelfth_schema_become_people(desk: Desk) -> None:
    def twelfth_schema(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        connection.execute(text("INSERT INTO campaigns (name, created_at) VALUES ('spring', 5), ('autumn', 6)"))
        for values in ("1, 'spring', '+8613800138000', '王'", "2, 'spring', '+8613900139000', '李'",
                       "3, 'autumn', '+8613800138000', '王先生'"):  # fmt: skip
            columns = "id, campaign, number, name, fields, state"
            connection.execute(text(f"INSERT INTO contacts ({columns}) VALUES ({values}, '{{}}', 'pending')"))

    database = Database(desk.url)
    await database.write(twelfth_schema)
    await database.close()
    async with await desk.open() as opened:
        assert await opened.people.by_number("13800138000") == Person(1, "王", ("+8613800138000",))
        assert await opened.people.by_number("13900139000") == Person(2, "李", ("+8613900139000",))
        overlap = await opened.contacts.overlap("summer", [NewContact("+8613800138000", "", 2)])
        assert overlap.elsewhere == {2: frozenset({"spring", "autumn"})}


async def test_owners_of_the_fourteenth_schema_become_people(desk: Desk) -> None:
    def fourteenth_schema(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0014")
        for statement in (
            "INSERT INTO people (id, name, made_at) VALUES (7, '李', 1)",
            "INSERT INTO person_numbers (number, person, place) VALUES ('+8613900139000', 7, 0)",
            "INSERT INTO ownerships (vehicle, number, since, name) VALUES ('V', '+8613800138000', '2020-01-01', '王')",
            "INSERT INTO ownerships (vehicle, number, since, name) VALUES ('V', '+8613900139000', '2022-01-01', '李')",
            "INSERT INTO complaints (number, day, mark) VALUES ('+8613700137000', '2026-01-01', 'm')",
        ):
            connection.execute(text(statement))

    database = Database(desk.url)
    await database.write(fourteenth_schema)
    await database.close()
    async with await desk.open() as opened:
        assert await opened.people.by_number("13900139000") == Person(7, "李", ("+8613900139000",))
        assert await opened.people.by_number("13700137000") == Person(8, "", ("+8613700137000",))
        assert await opened.people.by_number("13800138000") == Person(9, "王", ("+8613800138000",))
        assert await opened.people.count() == 3


async def test_low_scores_of_the_thirty_fifth_schema_know_what_was_asked(desk: Desk) -> None:
    asked = '{"quality": {"kind": "scale", "text": ["质量如何？", "Quality?"], "low": 1, "high": 5}}'

    def thirty_fifth_schema(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0035")
        answers = "INSERT INTO survey_answers (seq, at, campaign, contact, attempt, question, value, form)"
        for statement in (
            "INSERT INTO attempts (id, campaign, contact, call_id, started_at) VALUES ('a-1', 'spring', 1, 'c-1', 1)",
            f"{answers} VALUES (1, 2, 'spring', 1, 'a-1', 'quality', '3', 'older')",
            f"{answers} VALUES (2, 3, 'spring', 1, 'a-1', 'quality', '1', 'f-1')",
            f"{answers} VALUES (3, 3, 'spring', 2, 'hand:c-2', 'quality', '2', 'f-1')",
            "INSERT INTO tasks (id, kind, call_id, detail, opened_at) VALUES "
            "('t-1', 'low_survey', 'c-1', 'quality 1/5', 3), "
            "('t-2', 'low_survey', 'c-2', 'quality 2/5', 4), ('t-3', 'low_survey', 'c-3', 'nps 2/10', 5), "
            "('t-4', 'low_rating', 'c-4', '1/5', 6)",
        ):
            connection.execute(text(statement))
        forms = text("INSERT INTO survey_forms (form, survey, questions, since) VALUES ('f-1', 'visit', :asked, 1)")
        connection.execute(forms, {"asked": asked})

    database = Database(desk.url)
    await database.write(thirty_fifth_schema)
    await database.close()
    async with await desk.open() as opened:
        tasks = await opened.desk.tasks(closed=False, limit=9)
    assert [(it.survey, it.form, it.question, it.value, it.detail_en) for it in tasks] == [
        ("visit", "f-1", "quality", "1", "Quality? 1 (1–5)"),
        ("visit", "f-1", "quality", "2", "Quality? 2 (1–5)"),
        ("", "", "nps", "2", ""),
        ("", "", "", "", ""),
    ]


async def test_a_file_of_a_newer_version_is_refused(desk: Desk) -> None:
    await (await desk.open()).close()
    database = Database(desk.url)
    await database.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    await database.close()
    with pytest.raises(ConfigError, match="newer Line400"):
        await desk.open()


async def test_only_its_owner_reads_the_file(desk: Desk) -> None:
    async with await desk.open():
        modes = {stat.S_IMODE(path.stat().st_mode) for path in desk.folder.glob("line400.db*")}
    assert modes == {0o600}


@pytest.mark.parametrize(
    "url", ["", "line400.db", "sqlite://", "sqlite:///:memory:", "mysql://localhost/line400", "oracle:///x"]
)
def test_urls_that_cannot_be_are_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        parse_url(url)


def test_urls_get_their_driver(tmp_path: Path) -> None:
    assert parse_url(f"sqlite:///{tmp_path}/a.db").drivername == "sqlite+aiosqlite"
    assert parse_url("postgresql://localhost/line400").drivername == "postgresql+asyncpg"
    assert parse_url("postgres://localhost/line400").drivername == "postgresql+asyncpg"


async def test_a_file_that_is_no_database_is_named(desk: Desk) -> None:
    (desk.folder / "line400.db").write_text("this is a letter to my aunt " * 100)
    with pytest.raises(Unavailable, match="not a database"):
        await desk.open()


async def test_who_was_called_anew_by_the_thirty_third_schema_is_in_his_second_round(desk: Desk) -> None:
    def schema_before(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0033")
        connection.execute(text("INSERT INTO campaigns (name, created_at) VALUES ('touch', 5)"))
        for values in ("1, 'touch', '+8613800138000', 1000", "2, 'touch', '+8613900139000', 0"):
            columns = "id, campaign, number, renewed_at, fields, state"
            connection.execute(text(f"INSERT INTO contacts ({columns}) VALUES ({values}, '{{}}', 'pending')"))
        for values in ("'a-1', 1, 500", "'a-2', 1, 1000", "'a-3', 2, 2000"):
            columns = "id, contact, started_at, campaign, call_id, ended_at, result"
            connection.execute(text(f"INSERT INTO attempts ({columns}) VALUES ({values}, 'touch', '', 9000, 'busy')"))

    database = Database(desk.url)
    await database.write(schema_before)
    await database.close()
    async with await desk.open() as opened:
        assert await opened.campaign_reports.rounds("touch") == 2
        reports = [await opened.campaign_reports.of("touch", "Asia/Shanghai", 1e4, chosen) for chosen in (1, 2)]
        assert [report.figures["attempts"] for report in reports] == [2, 1]
