"""Checking a password, but not too often: what stands between the sign-in form and the accounts."""

from console.accounts import check_password
from console.limits import FailureLimit
from console.ports import Account, Accounts
from console.problems import Problem
from core.clock import Clock


class SignInCheck:
    """At most 5 failures a minute for one name from one address, and 20 in five minutes from one address."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._per_name = FailureLimit(most=5, window_s=60.0)
        self._per_address = FailureLimit(most=20, window_s=300.0)

    async def account(self, address: str, name: str, password: str) -> Account | None:
        """The account; None where name or password is wrong; 429 after too many failures."""
        name_key = f"{address} {name}"
        now = self._clock.now()
        wait_s = max(self._per_name.wait_s(name_key, now), self._per_address.wait_s(address, now))
        if wait_s > 0:
            raise Problem(
                429,
                "too many failed attempts to sign in",
                mend=f"Wait {int(wait_s) + 1} seconds and try again.",
                code="too_many_attempts",
                headers={"Retry-After": str(int(wait_s) + 1)},
            )
        # Counted as failed before the slow check, so that attempts at the same moment cannot slip past the limit.
        self._per_name.failed(name_key, now)
        self._per_address.failed(address, now)
        account = await check_password(self._accounts, name, password)
        if account is not None:
            self._per_name.succeeded(name_key)
            self._per_address.succeeded(address)
        return account
