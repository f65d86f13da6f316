"""Contacts that programs send come in at once; whoever is there is told with his contact."""

from campaigns.ports import Contact, NewContact
from store.store import Store

COUPLE = NewContact("+8613800138000", "王", 1, {"车型": "轩逸"}, ("+862158880000",))
FRIEND = NewContact("+8613900139000", "", 2)


async def test_who_is_sent_comes_in_and_who_is_there_is_told(store: Store) -> None:
    done = await store.sent_contacts.take("leads", [COUPLE, FRIEND], rejected=0, by="crm")
    assert (list(done.taken), done.known) == ([1, 2], {})
    found = await store.contacts.claim("leads", attempt="a-1", call_id="c-1")
    assert isinstance(found, Contact)
    assert (found.id, found.number, found.fields) == (done.taken[1], COUPLE.number, COUPLE.fields)
    again = [NewContact("+8613700137000", "", 1), FRIEND._replace(line=7)]
    more = await store.sent_contacts.take("leads", again, rejected=0, by="crm")
    assert (list(more.taken), more.known) == ([1], {7: done.taken[2]})
    other = await store.sent_contacts.take("visits", [COUPLE], rejected=0, by="crm")
    assert list(other.taken) == [1], "another campaign may have him too"
    assert await store.people.count() == 3
    assert [share.rows for share in await store.list_shares.of("leads")] == [3]


async def test_another_number_of_somebody_who_is_there_is_known(store: Store) -> None:
    done = await store.sent_contacts.take("leads", [FRIEND._replace(others=("+8613700137000",))], rejected=0, by="crm")
    his = await store.sent_contacts.take("leads", [NewContact("+8613700137000", "", 4)], rejected=0, by="crm")
    assert (his.taken, his.known) == ({}, {4: done.taken[2]})
