"""Dialers are woken by what other processes have written into the log, soon and once."""

from campaigns.facts import CampaignStateChanged, ComplaintsClosed, ContactsImported
from campaigns.rule_facts import NumberFreed
from service.newly_due import NewlyDue
from store.store import Store
from tests.unit.store.conftest import Desk, desk, store

__all__ = ["desk", "store"]


async def test_what_has_come_in_wakes_its_campaign_once(desk: Desk, store: Store) -> None:
    woken: list[str] = []
    due = NewlyDue(store.events, woken.append)
    await store.log.commit("", ContactsImported("before", 3, 0))
    await due.once()
    await due.once()
    assert woken == [], "what was there at the start wakes nobody"
    store.log.post("", ContactsImported("spring", 2, 0))
    store.log.post("", ContactsImported("spring", 1, 0))
    await store.log.commit("", CampaignStateChanged("other", "running"))
    await due.once()
    await due.once()
    assert woken == ["spring"]
    await store.log.commit("", NumberFreed("+8613800138000", "refused", "wang", "he asked for it"))
    await due.once()
    await due.once()
    assert woken == ["spring", ""], "whose campaigns he is in nobody says: all look"
    await store.log.commit("", ComplaintsClosed(1))
    await due.once()
    assert woken == ["spring", "", ""]
