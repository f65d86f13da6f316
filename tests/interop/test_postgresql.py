"""The store on a real PostgreSQL that this test starts: the same tests as on SQLite, and two writers at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection

from acd.facts import QueueEntered
from campaigns.ports import Contact, NewContact
from core.errors import Unavailable
from store.schema import metadata
from store.store import Store
from tests.interop.postgres_server import postgres_server
from tests.unit.console import test_campaign_figures
from tests.unit.store import (
    test_abandoned,
    test_accounts,
    test_agent_half_hours,
    test_call_forms,
    test_campaign_reports,
    test_claims,
    test_closed,
    test_consent_lists,
    test_contacts,
    test_conversions,
    test_effects,
    test_evidence,
    test_feeds,
    test_half_hours,
    test_inbound,
    test_interests,
    test_keeping,
    test_ledger,
    test_ledger_tables,
    test_log,
    test_migrate,
    test_pouring,
    test_projection,
    test_recovery,
    test_reports,
    test_retries,
    test_rounds,
    test_selections,
    test_sent_contacts,
    test_settling,
    test_transcripts,
)
from tests.unit.store.conftest import Desk

pytestmark = pytest.mark.interop

OnDesk = Callable[[Desk], Awaitable[None]]
OnStore = Callable[[Desk, Store], Awaitable[None]]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A fresh server; yields ``host:port``."""
    with ExitStack() as exits:
        try:
            running = exits.enter_context(postgres_server())
        except Unavailable as error:
            pytest.skip(str(error))
        yield running


async def made(server: str, folder: Path, like: str = "template1") -> Desk:
    """A fresh database ``like`` another."""
    host, _, port = server.partition(":")
    desk = Desk(folder)
    name = f"t{abs(hash(folder))}"
    for _ in range(100):
        try:
            admin = await asyncpg.connect(host=host, port=int(port), user="line400", database="postgres")
            break
        except (OSError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.1)  # it is just starting
    else:
        raise AssertionError("PostgreSQL did not start within 10 s")
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    await admin.close()
    desk.url = f"postgresql://line400@{server}/{name}"
    return desk


@pytest.fixture(scope="module")
def migrated(server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database without rows that the migrations have made: others begin as its copies."""

    async def make() -> Desk:
        desk = await made(server, tmp_path_factory.mktemp("migrated"))
        await (await desk.open()).close()
        return desk

    return asyncio.run(make()).url.rpartition("/")[2]


@pytest.fixture
async def empty(server: str, tmp_path: Path) -> Desk:
    """A database without a table."""
    return await made(server, tmp_path)


@pytest.fixture
async def desk(server: str, migrated: str, tmp_path: Path) -> Desk:
    """A database with all tables and no rows."""
    return await made(server, tmp_path, migrated)


async def test_migrations_make_the_tables_of_the_code(empty: Desk) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    for _ in range(2):
        async with await empty.open() as store, store._database.reading() as connection:
            assert await connection.run_sync(differences) == []


@pytest.mark.parametrize("test", [test_migrate.test_low_scores_of_the_thirty_fifth_schema_know_what_was_asked])
async def test_older_schemas_as_on_sqlite(test: OnDesk, empty: Desk) -> None:
    await test(empty)


@pytest.mark.parametrize(
    "test",
    [
        test_recovery.test_everything_ends_once_and_in_order,
        test_recovery.test_the_identity_holds_after_recovery,
        test_recovery.test_a_contact_that_was_being_dialled_is_never_dialled_again,
        test_retries.test_after_a_death_who_had_not_answered_is_tried_again,
        test_log.test_a_new_store_goes_on_counting,
        test_log.test_close_writes_what_was_posted,
    ],
)
async def test_as_on_sqlite_with_its_own_stores(test: OnDesk, desk: Desk) -> None:
    await test(desk)


@pytest.mark.parametrize(
    "test",
    [
        test_log.test_facts_are_written_in_order_and_then_published,
        test_log.test_many_facts_share_few_transactions,
        test_log.test_work_that_raises_leaves_nothing_and_the_error_comes_out,
        test_log.test_work_whose_caller_is_cancelled_is_done_and_told,
        test_projection.test_one_call_with_all_its_parts,
        test_projection.test_the_first_word_stands,
        test_projection.test_filters,
        test_projection.test_agents_now,
        test_transcripts.test_saving_keeps_the_transcript_and_says_so,
        test_transcripts.test_failures_are_counted_until_the_last,
        test_reports.test_figures_come_from_facts,
        test_reports.test_agents_work_from_facts,
        test_reports.test_states_are_cut_to_the_period,
        partial(test_agent_half_hours.test_what_is_counted_is_what_talks_rings_and_states_say, seed=7),
        partial(test_half_hours.test_what_is_counted_is_what_the_entries_say, seed=7),
        test_half_hours.test_every_figure_opens_the_calls_that_were_counted,
        test_half_hours.test_an_entry_that_comes_late_is_in_the_next_report,
        test_half_hours.test_reports_read_what_was_counted_until_it_is_forgotten,
        test_abandoned.test_called_back_in_whatever_form_the_number_was_dialled,
        test_closed.test_who_came_while_a_queue_was_closed,
        test_inbound.test_each_call_once_with_what_became_of_it,
        test_claims.test_one_person_is_tried_once_a_day_over_all_campaigns,
        test_claims.test_who_refused_is_passed_over_for_good_until_it_is_taken_back,
        test_claims.test_who_waits_for_a_complaint_to_be_closed_is_looked_at_again_then,
        test_claims.test_promotions_wait_for_a_consent,
        test_claims.test_a_complaint_is_a_call_into_the_queue_of_complaints,
        test_claims.test_a_complaint_on_record_gives_rest_by_any_number_of_the_person,
        test_claims.test_a_list_of_whom_nobody_may_be_called_is_not_gone_through_twice,
        partial(test_claims.test_no_rule_is_broken_while_nodes_claim_and_people_edit_at_once, seed=4),
        test_selections.test_the_query_means_what_the_records_say,
        test_feeds.test_a_living_selection_takes_in_and_puts_aside,
        test_feeds.test_who_is_due_is_called_anew_and_never_twice_at_once,
        test_interests.test_listed_by_level_day_and_when_it_is_time,
        test_effects.test_both_groups_are_counted_by_what_they_did_later,
        test_conversions.test_visits_and_sales_of_those_who_were_reached,
        test_settling.test_second_thoughts,
        test_call_forms.test_whom_an_agent_calls_by_himself_is_known_by_any_number,
        test_call_forms.test_who_was_promised_a_call_meanwhile_waits_for_it,
        test_campaign_reports.test_attempts_are_counted_by_number_hour_and_result,
        test_campaign_reports.test_whom_an_agent_only_reads_about_is_not_called,
        test_campaign_reports.test_every_figure_opens_the_calls_or_contacts_that_it_counts,
        test_campaign_figures.test_each_figure_opens_what_it_counts,
        test_rounds.test_who_is_put_aside_stays_in_the_rounds_in_which_he_was_called,
        test_rounds.test_answers_and_dispositions_are_those_of_the_round,
        test_rounds.test_what_came_of_a_round,
        test_retries.test_busy_is_tried_again_ten_minutes_later_and_three_times_at_most,
        test_retries.test_with_the_usual_rules_busy_means_tomorrow,
        test_retries.test_other_numbers_of_the_person_in_order_and_all_of_them_count_for_him,
        test_retries.test_a_promise_goes_before_all_others_and_earlier_tries_do_not_count,
        test_retries.test_a_promise_that_is_made_in_the_call_holds_when_it_ends,
        test_retries.test_the_newest_list_first,
        test_retries.test_lists_share_by_weight_and_stop_at_their_quotas,
        test_ledger.test_each_line_holds_the_hash_of_the_one_before,
        test_ledger.test_a_line_that_was_made_anew_with_its_hash_breaks_the_next_one,
        test_contacts.test_a_claim_is_on_disk_with_its_fact,
        test_contacts.test_two_claimers_never_share,
        test_contacts.test_results_of_a_campaign,
    ],
)
async def test_as_on_sqlite(test: OnStore, desk: Desk) -> None:
    async with await desk.open() as store:
        await test(desk, store)


@pytest.mark.parametrize(
    "test",
    [
        test_log.test_text_that_no_database_takes_is_mended,
        test_contacts.test_a_list_goes_in_and_comes_out_in_order,
        test_contacts.test_numbers_that_the_campaign_has_are_named_by_line,
        test_contacts.test_a_list_with_a_fault_leaves_nothing,
        partial(test_pouring.four_lists, seed=3),
        test_sent_contacts.test_who_is_sent_comes_in_and_who_is_there_is_told,
        test_consent_lists.test_recordings_that_are_evidence_are_held,
        test_contacts.test_an_attempt_that_sent_nothing_gives_its_contact_back,
        test_transcripts.test_calls_are_found_by_what_was_said,
        test_selections.test_a_second_number_finds_the_cars_and_the_complaints,
        test_feeds.test_who_is_held_out_is_never_called_and_always_the_same,
        test_feeds.test_the_interested_come_in_two_weeks_before_the_launch,
        test_interests.test_the_last_word_on_a_car_stands_and_all_are_kept,
        test_selections.test_what_there_is_to_choose_of,
        test_call_forms.test_a_call_of_a_campaign_with_its_last_answers,
        test_call_forms.test_an_answer_and_taking_it_back_in_one_breath,
        test_call_forms.test_by_hand_a_finished_form_is_the_end_but_for_a_promise,
        test_call_forms.test_what_was_said_of_the_talk_holds_over_the_form,
        test_call_forms.test_whoever_fills_in_a_form_has_talked,
        test_ledger_tables.test_what_was_not_touched_agrees,
        test_accounts.test_accounts_are_kept_changed_and_removed,
        test_accounts.test_settings_keep_the_last_value,
    ],
)
async def test_as_on_sqlite_by_store_alone(test: Callable[[Store], Awaitable[None]], desk: Desk) -> None:
    async with await desk.open() as store:
        await test(store)


async def test_two_nodes_write_one_log_without_gaps(desk: Desk) -> None:
    async with await desk.open() as first, await desk.open() as second:
        for number in range(300):
            first.log.post(f"c-{number}", QueueEntered(f"q-a{number}", "sales"))
            second.log.post(f"c-{number}", QueueEntered(f"q-b{number}", "sales"))
        await asyncio.gather(first.log.flush(), second.log.flush())
        assert [event.seq for event in await first.events.after(0, limit=1000)] == list(range(1, 601))


async def test_two_nodes_that_claim_from_one_list_never_share_a_contact(desk: Desk) -> None:
    numbers = [f"+86137000000{index:02}" for index in range(60)]
    async with await desk.open() as first, await desk.open() as second:
        await first.contacts.add("spring", [[NewContact(number, "", at) for at, number in enumerate(numbers, 2)]])

        async def work_through(node: Store, who: str) -> list[int]:
            taken = []
            while True:
                name = f"{who}-{len(taken)}"
                claimed = await node.contacts.claim("spring", attempt=f"a-{name}", call_id=f"c-{name}")
                if not isinstance(claimed, Contact):
                    return taken
                taken.append(claimed.id)

        one, other = await asyncio.gather(work_through(first, "1"), work_through(second, "2"))
        assert len(one) + len(other) == 60 and not set(one) & set(other)
        assert one and other, "both took some"
        found = await first.ledger.verify()
        assert (found.lines, found.broken_at) == (60, None)


async def test_a_server_that_is_away_is_named(desk: Desk) -> None:
    desk.url = "postgresql://line400@127.0.0.1:1/line400"
    with pytest.raises(Unavailable, match="database"):
        await desk.open()


@pytest.mark.parametrize(
    "test",
    [
        test_keeping.test_a_finished_recording_becomes_flac_and_its_wav_goes,
        test_keeping.test_a_kill_after_any_step_loses_and_leaves_nothing,
        test_keeping.test_retention_deletes_what_is_old_unless_it_is_held,
        test_keeping.test_one_deleted_while_it_is_packed_stays_deleted,
        test_keeping.test_gaps_are_told_with_the_recording,
        test_evidence.test_of_several_consents_the_last_one_counts,
        test_evidence.test_the_call_of_a_refusal_stays_while_the_refusal_does,
    ],
)
async def test_recordings_as_on_sqlite(test: Callable[[test_keeping.Bench], Awaitable[None]], desk: Desk) -> None:
    async with await desk.open() as store:
        await test(test_keeping.Bench(desk, store))
