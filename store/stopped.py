"""A campaign that was stopped for good takes nobody any more and is not changed: every door asks here, in the
transaction that would do it.
"""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from campaigns.gate import CampaignState
from core.errors import LocalProtocolError
from store.schema import campaigns

_STATE: Final = select(campaigns.c.state).where(campaigns.c.name == bindparam("of"))


def refuse_stopped(connection: Connection, campaign: str) -> None:
    """``LocalProtocolError`` where ``campaign`` was stopped for good."""
    if connection.scalar(_STATE, {"of": campaign}) == CampaignState.STOPPED:
        raise LocalProtocolError(
            f"任务“{campaign}”已永久停止，不能再加入名单、约定来电或修改，可另建一个 / "
            f"campaign {campaign!r} was stopped for good: it takes nobody any more and is not changed; make another one"
        )
