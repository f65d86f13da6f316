"""What people call the surveys of files. One of the page goes by its name, which is a title."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ivr.flow import Words

if TYPE_CHECKING:
    from service.config_model import Config

SHIPPED_TITLES: Final[Mapping[str, Words]] = {
    "return_visit": Words("服务回访", "Return visit after a service"),
    "after_sale": Words("新车交付回访", "Visit after a sale"),
    "service_due": Words("保养到期提醒", "The car is due for service"),
}


def survey_titles(config: "Config") -> Mapping[str, Words]:
    """By name, of those that have a title. One of the house stands in for a shipped one with its title too."""
    own = {survey.name: Words(survey.title, survey.title) for survey in config.surveys}
    return {name: title for name, title in ({**SHIPPED_TITLES} | own).items() if title.zh}
