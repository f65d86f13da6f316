"""What an agent is told of a contact before he calls him."""

from dataclasses import dataclass, field

from console.form_views import PartView


@dataclass(frozen=True, slots=True)
class PreviewView:
    """``contact`` of ``campaign`` is shown for ``attempt`` from ``shown_at`` until ``until`` (epoch seconds): ``name``,
    the ``number`` that would be called, the other columns of his row, the results of the attempts before, the
    oldest first, and the ``script``, what is to be read to him. ``manual``: the agent has no time limit; at ``until``
    the rules decide anew, and mostly the same contact is shown again for another attempt. ``calling``: he has decided
    to call, and phones ring; he goes on reading, and decides no more.
    """

    attempt: str
    campaign: str
    contact: int
    name: str
    number: str
    fields: dict[str, str]
    tries: list[str]
    shown_at: float
    until: float
    script: list[PartView] = field(default_factory=list)
    script_en: list[PartView] = field(default_factory=list)
    manual: bool = False
    calling: bool = False
