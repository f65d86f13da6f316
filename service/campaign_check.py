"""A campaign that somebody makes on the page is judged by the very checks that judge [[campaign]] in the file."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from campaigns.survey import Survey
from core.toml_lines import KeyPath
from core.typed import number_typed, plain
from service import from_config
from service.campaign_choices import AGENTS
from service.campaign_field import Field
from service.campaign_fields import BY_KEY, DEFAULTS, counts
from service.campaign_retry_fields import RETRY
from service.config import PART_CHECKS
from service.config_links import check_links
from service.config_model import CampaignConfig, Config
from service.config_surveys import NONE_MADE
from service.form_reader import FormReader, Told, unknown_key
from service.survey_fault import survey_fault

_TABLE: Final = "campaign"
_NEEDED: Final = tuple(
    field.name for field in dataclasses.fields(CampaignConfig)
    if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
)  # fmt: skip


_NO_HOURS: Final = Told(
    "hours", "呼叫时段：一个时段也没有，不会拨打任何人", "Calling hours: there are none, so it calls nobody"
)
_NO_TABLE: Final = Told(
    RETRY,
    '重试计划：要写成 {"retry": {"busy": "1 h"}} 或 {"retry.busy": "1 h"}',
    'Retry plan: must be {"retry": {"busy": "1 h"}} or {"retry.busy": "1 h"}',
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The campaign, None where it has ``faults``; ``warnings`` are of what works but deserves a second look. ``read``
    is the campaign in spite of its faults, None where not even its shape is right.
    """

    campaign: CampaignConfig | None
    faults: tuple[Told, ...]
    warnings: tuple[Told, ...]
    read: CampaignConfig | None = None


def judge(values: Mapping[str, object], config: Config, made: Mapping[str, Survey] = NONE_MADE) -> Judged:
    """What the configuration would say of a [[campaign]] with ``values``, which may ask a survey ``made`` on the page
    too. It takes some milliseconds.
    """
    place = len(config.campaigns)
    reader = FormReader((_TABLE, place))
    missing = [
        Told(key, f"{BY_KEY[key].zh}：请填写{BY_KEY[key].zh}", f"{BY_KEY[key].en}: is missing")
        for key in _NEEDED
        if values.get(key, "") == ""
    ]
    campaign = reader.record(CampaignConfig, _TABLE, (_TABLE, place), _nested(values))
    if campaign is not None:
        whole = replace(config, campaigns=(*config.campaigns, campaign))
        check_links(whole, sorted(_flows(config)), reader)
        for check in PART_CHECKS:
            check(whole, reader)
    told = (*missing, *(_told(path, text) for path, text in reader.faults), *_unasked(campaign, config, made))
    faults = tuple(_at_queue(fault) if values.get("mode") in AGENTS else fault for fault in told)
    warned = [_warned(path, text) for path, text in reader.warned]
    if campaign is not None and not campaign.hours:
        warned.append(_NO_HOURS)
    return Judged(campaign if not faults else None, faults, tuple(warned), campaign)


def _unasked(campaign: CampaignConfig | None, config: Config, made: Mapping[str, Survey]) -> list[Told]:
    fault = survey_fault(campaign, config, made) if campaign is not None else None
    return [fault] if fault is not None else []


def _at_queue(fault: Told) -> Told:
    """What the mode of agents lacks is told at the mode in the file, where there is no line for the queue."""
    return replace(fault, key="queue") if fault.key == "mode" else fault


def sorted_out(values: Mapping[str, object]) -> tuple[dict[str, object], tuple[Told, ...]]:
    """What counts in the mode that is told, its numbers as they are meant; and of the rest that it is left out, where
    it says anything unusual.
    """
    mode = str(values.get("mode", DEFAULTS["mode"]))
    kept = {key: _typed(key, value) for key, value in values.items() if counts(key, mode)}
    vain = [key for key in values if key not in kept and values[key] not in (DEFAULTS[key], "", [])]
    return kept, tuple(_in_vain(BY_KEY[key], mode) for key in vain)


def _typed(key: str, value: object) -> object:
    """A number, a caller id or times may have been typed by a Chinese input method."""
    kind = BY_KEY[key].kind if key in BY_KEY else ""
    if kind in ("int", "number"):
        return number_typed(value)
    if kind == "suggested" and isinstance(value, str):
        return plain(value)
    return [plain(each) if isinstance(each, str) else each for each in value] if isinstance(value, list) else value


def _in_vain(field: Field, mode: str) -> Told:
    return Told(
        field.key,
        f"{field.zh}：这种方式用不上，不会保存",
        f"{field.en}: does not count in mode {mode!r}, so it is left out",
    )


def _flows(config: Config) -> set[str]:
    return {path.stem for path in from_config.SHIPPED_FLOWS.glob("*.toml")} | {flow.name for flow in config.flows}


def _nested(values: Mapping[str, object]) -> dict[str, object]:
    """``retry.busy`` of the form is ``busy`` of [campaign.retry]."""
    found: dict[str, object] = {}
    inner: dict[str, object] = {}
    for key, value in values.items():
        part, dot, name = key.partition(".")
        if dot and part == RETRY:
            inner[name] = value
        else:
            found[key] = value
    return {**found, RETRY: inner} if inner else found


def _key_of(path: KeyPath) -> str:
    """Of a path below the form: its key, and the key in [campaign.retry]."""
    if len(path) > 1 and path[0] == RETRY:
        return f"{RETRY}.{path[1]}"
    return str(path[0]) if path else "name"


def _told(path: KeyPath, text: str) -> Told:
    key = _key_of(path)
    if key == RETRY:
        return _NO_TABLE
    field = BY_KEY.get(key)
    if field is None:
        return unknown_key(key, BY_KEY, text)
    return Told(key, f"{field.zh}：{field.wrong_zh}", f"{field.en}: {field.english(text)}")


def _warned(path: KeyPath, text: str) -> Told:
    key = _key_of(path)
    field = BY_KEY.get(key)
    return Told(key, text, text) if field is None else Told(key, field.warning(text), field.english(text))
