"""Where the numbers of China lie, as the geocoder of ``phonenumbers`` has it, in a table of 0.8 MB.

The library holds the places of the whole world in every language: 100 MB once it is imported, which are not given back.
So a process of its own reads it for this one and ends (0.5 s); it is started only where a region names places.
"""

import pickle
import subprocess
import sys
from functools import cache
from typing import Final

from campaigns.rules.places import PlaceTable
from core.errors import Unavailable

_WORKER: Final = (sys.executable, "-m", "service.number_places")
_LONGEST_S: Final = 60.0
_CHINA: Final = "86"


@cache
def china_places() -> PlaceTable:
    """The table; made once for this process, so not in the event loop the first time. ``Unavailable`` where it cannot
    be made.
    """
    try:
        done = subprocess.run(_WORKER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=_LONGEST_S, check=True)
        made: PlaceTable = pickle.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, pickle.UnpicklingError, EOFError) as error:
        raise Unavailable(f"the places of numbers cannot be read: {error}") from error
    return made


def _read() -> PlaceTable:
    from phonenumbers.geodata import GEOCODE_DATA  # noqa: PLC0415 - 100 MB, for the worker alone

    chinese = ((beginning, names.get("zh")) for beginning, names in GEOCODE_DATA.items() if beginning[:2] == _CHINA)
    return PlaceTable.of({beginning[2:]: name for beginning, name in chinese if name and beginning != _CHINA})


def main() -> None:
    """Write the table where ``china_places`` reads it."""
    sys.stdout.buffer.write(pickle.dumps(_read(), protocol=pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    main()
