"""The id of a row in a path."""

from typing import Annotated, Final, TypeAlias

from fastapi import Path

MOST: Final = 2**63 - 1
"""What the tables hold."""
RowId: TypeAlias = Annotated[int, Path(ge=0, le=MOST)]
"""422 for what no row can have."""
