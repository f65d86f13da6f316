"""What a line of the form of a campaign is (``service.campaign_fields`` has them all)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from service.campaign_choices import Choice

if TYPE_CHECKING:
    from service.config_model import Config

Kind: TypeAlias = Literal["text", "choice", "suggested", "int", "number", "lines", "prose", "bool"]
"""``suggested``: one of the choices, any text where there are none; ``lines``: texts, one a line; ``prose``: one text
of many lines."""


@dataclass(frozen=True, slots=True)
class Field:
    """``key`` of [[campaign]] on the form: its title, and in Chinese what it must be (``wrong_zh``, the checks say it
    in English) and what a warning about it means (``warned_zh``: pairs of a phrase of the English and what that
    means, before it). Those of one ``part`` ("": the main one) stand together. It counts
    in ``modes`` (none: in all). The hint says what it does, ``unit`` what it is counted in, ``none`` how to come by
    something to choose where there is nothing. ``live``: a change holds at once while the campaign runs.
    """

    key: str
    kind: Kind
    zh: str
    en: str
    wrong_zh: str
    choices: "Callable[[Config], list[Choice]]" = lambda _config: []
    warning_zh: str = "请再确认此项"
    warned_zh: tuple[tuple[str, str], ...] = ()
    part: str = ""
    modes: tuple[str, ...] = ()
    live: bool = False
    unit_zh: str = ""
    unit_en: str = ""
    hint_zh: str = ""
    hint_en: str = ""
    none_zh: str = ""
    none_en: str = ""

    def warning(self, text: str) -> str:
        """In Chinese what the checks say of it in ``text``."""
        return next((zh for phrase, zh in self.warned_zh if phrase in text), self.warning_zh)
