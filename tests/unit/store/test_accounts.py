"""Accounts and settings."""

from dataclasses import replace

from store.rows import Account
from store.store import Store

ADMIN = Account("admin", "admin", "scrypt$…", must_change=True)


async def test_accounts_are_kept_changed_and_removed(store: Store) -> None:
    assert await store.accounts.count() == 0
    assert await store.accounts.find("admin") is None
    await store.accounts.put(ADMIN)
    await store.accounts.put(Account("amy", "agent", "scrypt$a", agent="1001"))
    assert await store.accounts.find("admin") == ADMIN
    changed = replace(ADMIN, hash="scrypt$b", must_change=False)
    await store.accounts.put(changed)
    assert await store.accounts.list() == (changed, Account("amy", "agent", "scrypt$a", agent="1001"))
    assert await store.accounts.remove("admin")
    assert not await store.accounts.remove("admin")
    assert await store.accounts.count() == 1


async def test_settings_keep_the_last_value(store: Store) -> None:
    assert await store.settings.get("token") is None
    await store.settings.put("token", "a")
    await store.settings.put("token", "b")
    assert await store.settings.get("token") == "b"
