"""What a line of the form of a campaign is (``service.campaign_fields`` has them all)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.campaign_views import FormField
from service.campaign_choices import Choice

if TYPE_CHECKING:
    from service.config_model import Config


@dataclass(frozen=True, slots=True)
class Field(FormField):
    """``key`` of [[campaign]] on the form, and in Chinese what it must be (``wrong_zh``, the checks say it in English)
    and what a warning about it means (``warned_zh``: pairs of a phrase of the English and what that means, before it).
    ``page_en`` stands for what the checks say in terms of the file: pairs of a phrase of that and what is said instead.
    """

    wrong_zh: str
    choices: "Callable[[Config], list[Choice]]" = lambda _config: []
    warning_zh: str = "请再确认此项"
    warned_zh: tuple[tuple[str, str], ...] = ()
    page_en: tuple[tuple[str, str], ...] = ()

    def english(self, text: str) -> str:
        """What the checks say of it in ``text``, in terms of the page."""
        return next((en for phrase, en in self.page_en if phrase in text), text)

    def warning(self, text: str) -> str:
        """In Chinese what the checks say of it in ``text``."""
        return next((zh for phrase, zh in self.warned_zh if phrase in text), self.warning_zh)
