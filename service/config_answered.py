"""What the configuration says of telling what has answered a call, and the announcements of one's own that it names."""

from asr.progress.announcements import all_announcements
from core.errors import ConfigError
from service.config_links import Places
from service.config_model import Config


def check_answered(config: Config, at: Places) -> None:
    """Note every fault of the file of announcements, and what has no effect."""
    told = config.asr
    if told.announcements is None:
        return
    try:
        all_announcements(told.announcements)
    except ConfigError as error:
        for problem in error.problems:
            at.fault(("asr", "announcements"), problem)
    if told.what_answered == "off":
        at.warn(("asr", "announcements"), 'does nothing with what_answered = "off"')
