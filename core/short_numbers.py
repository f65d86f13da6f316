"""Short numbers: which of them everybody can call, and which can only be somebody's extension. Pure.

An extension that was mistyped (2011 for 201) must not become a call to the public network: there a number is either
long or one of the few short ones that everybody knows.
"""

import re
from typing import Final

SHORT: Final = 6
"""So many digits at most; a number of a town without its area code has seven."""
_KNOWN: Final = re.compile(r"1(?:10|12|14|17|19|20|21|22)|1[0-2][0-9]{3}|95[0-9]{3,4}|96[0-9]{3,4}")
"""Emergency, directory, time and weather; carriers' and the public's lines of five digits (10086, 12345); 95 and 96."""


def may_be_an_extension(number: str) -> bool:
    """Whether ``number`` is as short as an extension and no service number of the public network."""
    return len(number) <= SHORT and _KNOWN.fullmatch(number) is None
