"""Where a contact of a dial list stands."""

from typing import Final

PENDING: Final = "pending"
DIALLING: Final = "dialling"
DONE: Final = "done"
