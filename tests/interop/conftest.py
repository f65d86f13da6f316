"""Files that take a minute or more begin first, so that none is left to run alone at the end."""

from typing import Final

import pytest

LONGEST: Final = (
    "test_postgresql",
    "test_console_browser",
    "test_crashes",
    "test_speech_calls",
    "test_sipp_suite",
    "test_campaign",
    "test_spoken_menu",
    "test_agents_phones",
    "test_recordings_kept",
    "test_callbacks",
    "test_drain",
    "test_journeys",
    "test_media_hosts",
    "test_consulting",
    "test_phones_outlive_control",
    "test_desk_page",
    "test_transfers",
    "test_survey_kinds",
    "test_preview",
    "test_agent_form",
    "test_campaign_browser",
    "test_lists_browser",
    "test_predictive",
    "test_alarms",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Within a file, and among all other files, the order stays."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
