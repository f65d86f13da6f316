"""A campaign that was made on the page is removed while nothing has come of it: what stands in the way, and what goes.

Contacts are never deleted, and there are no attempts, answers, promises, decisions, settlements, bars or rounds of a
campaign without contacts; so they are asked for first. What was settled before the first of them came goes with it.
"""

from typing import Final

from sqlalchemy import Connection, delete, exists, select

from campaigns.gate import CampaignState
from core.errors import LocalProtocolError
from desk.selection import Reason
from store.lists import TAKEN
from store.schema import attempts, campaigns, contacts
from store.schema_people import imports
from store.schema_selections import chosen, feeds, holdouts, selections
from store.selections import read_conditions

_SETTLED: Final = (feeds, holdouts, chosen, imports)
_STATES: Final = {
    CampaignState.RUNNING: ("正在进行", "is running"),
    CampaignState.PAUSED: ("已开始过", "was started"),
    CampaignState.FINISHED: ("已开始过", "was started"),
}


def refuse_to_remove(connection: Connection, campaign: str) -> None:
    """``LocalProtocolError`` says why ``campaign`` stays, and what can be done instead."""
    state = connection.scalar(select(campaigns.c.state).where(campaigns.c.name == campaign)) or ""
    stopped = state == CampaignState.STOPPED
    zh, en = ("", "") if stopped else ("；不再需要请停止它", "; stop it instead")
    if state in _STATES:
        is_zh, is_en = _STATES[CampaignState(state)]
        raise _stays(campaign, f"{is_zh}，不能删除{zh}", f"{is_en} and cannot be removed{en}")
    if any(connection.scalar(select(exists().where(each.c.campaign == campaign))) for each in (contacts, attempts)):
        raise _stays(
            campaign, f"有名单，名单和结果要保留，不能删除{zh}", f"has contacts: they and their results are kept{en}"
        )
    on_its_way = exists().where(imports.c.campaign == campaign, imports.c.state != TAKEN)
    if connection.scalar(select(on_its_way)):
        raise coming_in(campaign)
    fed = connection.scalar(select(feeds.c.selection).where(feeds.c.campaign == campaign, feeds.c.living))
    if fed is not None and not stopped:
        raise _stays(
            campaign,
            f"由选择“{fed}”自动选入，请先停止自动选入",
            f"lives by selection {fed!r}; end that first",
        )
    if asking := _asking(connection, campaign):
        raise _stays(
            campaign,
            f"被选择“{asking}”的条件用到，请先修改那里",
            f"is asked for by selection {asking!r}; change that first",
        )


def coming_in(campaign: str) -> LocalProtocolError:
    """Somebody is on his way into it."""
    return _stays(campaign, "正有名单导入，请稍后再试", "has a list on its way into it; wait until it is in")


def forget(connection: Connection, campaign: str) -> None:
    """Delete what was settled for those who never came."""
    for table in _SETTLED:
        connection.execute(delete(table).where(table.c.campaign == campaign))


def _asking(connection: Connection, campaign: str) -> str:
    """A selection one of whose conditions names ``campaign``."""
    for row in connection.execute(select(selections.c.name, selections.c.conditions).order_by(selections.c.name)):
        for one in read_conditions(row.conditions):
            if one.reason is Reason.CAMPAIGN and campaign in one.names:
                return str(row.name)
    return ""


def _stays(campaign: str, zh: str, en: str) -> LocalProtocolError:
    return LocalProtocolError(f"任务“{campaign}”{zh} / campaign {campaign!r} {en}")
