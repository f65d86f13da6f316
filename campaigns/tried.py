"""An attempt at a contact, as far as it matters for what is said of its talk afterwards."""

from dataclasses import dataclass

from campaigns.retry import Past


@dataclass(frozen=True, slots=True)
class Tried:
    """Attempt ``attempt`` at contact ``contact`` of ``campaign``, at ``number``, which is ``barred`` already or not.
    ``past``: all attempts at him, this one included. ``before``: what the last word of it meant.
    """

    attempt: str
    campaign: str
    contact: int
    number: str
    past: Past
    barred: bool = False
    before: str = ""
