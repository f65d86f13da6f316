"""403 where a number outside may not be called."""

from collections.abc import Iterator
from contextlib import contextmanager

from console.problems import Problem
from core.errors import NotAllowed


@contextmanager
def told_as_refused() -> Iterator[None]:
    """``NotAllowed`` becomes 403, with the reason and whom to ask."""
    try:
        yield
    except NotAllowed as refusal:
        raise Problem(
            403,
            refusal.reason,
            mend="The administrator may allow it: [dialling] allowed, [transfer] trunk.",
            code="may_not_call",
        ) from None
