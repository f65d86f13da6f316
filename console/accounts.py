"""Accounts: the first one, and checking who someone is."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from console.passwords import MAX_LENGTH, NO_ACCOUNT_HASH, fresh_password, hash_password, verify_password
from console.ports import Account, Accounts

ADMIN: Final = "admin"


async def ensure_admin(accounts: Accounts, entropy: Callable[[int], bytes]) -> str | None:
    """On the first run make the account ``admin`` and return its fresh password, to be shown once; later None.

    ``entropy(n)`` returns n unpredictable bytes.
    """
    if await accounts.count():
        return None
    return await reset_password(accounts, ADMIN, entropy)


async def reset_password(accounts: Accounts, name: str, entropy: Callable[[int], bytes]) -> str:
    """Give ``name`` a fresh password and return it; an account that does not exist is made (``admin`` as admin, others
    as viewer).
    """
    password = fresh_password(entropy)
    hashed = await asyncio.to_thread(hash_password, password, entropy(16))
    known = await accounts.find(name)
    if known is None:
        known = Account(name=name, role="admin" if name == ADMIN else "viewer", hash=hashed)
    await accounts.put(replace(known, hash=hashed))
    return password


async def check_password(accounts: Accounts, name: str, password: str) -> Account | None:
    """The account if ``password`` is right; a wrong name takes as long as a wrong password."""
    account = await accounts.find(name)
    kept = account.hash if account else NO_ACCOUNT_HASH
    fits = await asyncio.to_thread(verify_password, password[:MAX_LENGTH], kept)
    return account if fits else None
