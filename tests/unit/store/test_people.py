"""People over all lists: one person is one, two are two, and a number belongs to one of them."""

from campaigns.ports import Added, Contact, NewContact
from campaigns.rules.values import BarKind
from desk.people import Owner, Person, whose
from store.store import Store

MOBILE, OTHER, THIRD = "+8613800138000", "+8613900139000", "+8613700137000"
HOME, OFFICE = "+862158880000", "+862158880001"


def row(line: int, name: str, number: str, *others: str) -> NewContact:
    return NewContact(number, name, line, {}, others)


def test_whom_a_row_means() -> None:
    owners = {MOBILE: Owner(1, "王"), HOME: Owner(1, "王"), OTHER: Owner(2, "")}
    assert whose("别名", [MOBILE], owners) == 1
    assert whose("王", [THIRD], owners) is None
    assert whose("李", [THIRD, HOME], owners) is None, "a family's line, and a mobile of his own"
    assert whose("王", [THIRD, HOME], owners) == 1, "his second mobile"
    assert whose("李", [HOME], owners) == 1, "one phone that rings"
    assert whose("", [THIRD, OTHER, MOBILE], owners) == 2, "the first that is known"


async def test_one_person_over_many_lists(store: Store) -> None:
    await store.contacts.add("spring", [[row(2, "王", MOBILE), row(3, "李", HOME)]])
    done = await store.contacts.add("autumn", [[row(2, "", OTHER, MOBILE, OFFICE), row(3, "赵", THIRD)]])
    assert done == Added(2, (), {"spring": 1})
    person = await store.people.by_number("138 0013 8000")
    assert person is not None and person == Person(person.id, "王", (MOBILE, OTHER, OFFICE))
    assert await store.people.by_number(OFFICE) == await store.people.by_number(OTHER)
    assert await store.people.by_number("13100131000") is None
    assert await store.people.count() == 3


async def test_people_in_the_list_and_in_the_campaign_are_known_by_any_number_of_their_own(store: Store) -> None:
    await store.contacts.add("spring", [[row(2, "王", MOBILE, OTHER, HOME)]])
    rows = [row(2, "王", OTHER), row(3, "李", THIRD, HOME), row(4, "李", THIRD), row(5, "", OFFICE), row(6, "", OFFICE)]
    assert await store.contacts.add("spring", [rows[:3], rows[3:]]) == Added(2, (2, 4, 6))
    assert [item.number for item in await store.campaigns.results("spring")] == [MOBILE, THIRD, OFFICE]


async def test_what_is_on_record_of_one_number_holds_for_the_person(store: Store) -> None:
    await store.contacts.add("spring", [[row(2, "王", MOBILE, OTHER), row(3, "李", THIRD)]])
    await store.calling.bar([OTHER], BarKind.LISTED, "import", "boss")
    taken = []
    for attempt in range(3):
        found = await store.contacts.claim("spring", attempt=f"a-{attempt}", call_id=f"c-{attempt}")
        taken += [found.number] if isinstance(found, Contact) else []
    assert taken == [THIRD], "whoever is barred by one of his numbers is not called at another"


async def test_a_name_that_was_missing_is_kept_and_the_first_stands(store: Store) -> None:
    for campaign, name in (("one", ""), ("two", "王"), ("three", "王先生")):
        await store.contacts.add(campaign, [[row(2, name, MOBILE)]])
    assert await store.people.by_number(MOBILE) == Person(1, "王", (MOBILE,))
    overlap = await store.contacts.overlap("one", [row(7, "", OTHER, MOBILE), row(8, "", THIRD)])
    assert (overlap.here, overlap.elsewhere) == ((7,), {})
    overlap = await store.contacts.overlap("four", [row(7, "", OTHER, MOBILE)])
    assert (overlap.here, overlap.elsewhere) == ((), {7: frozenset({"one", "two", "three"})})
