"""How many of a campaign's list were tried: the one count behind the list of campaigns, the live picture and the report
(METRICS: penetration is tried / list).
"""

from typing import Final

from sqlalchemy import bindparam, func, select

from campaigns.attempt import Result
from store.schema import attempts

TRIED: Final = select(func.count(attempts.c.contact.distinct())).where(
    attempts.c.campaign == bindparam("of"), attempts.c.result != Result.WITHDRAWN.value
)
"""Contacts of campaign ``of`` who were called once at least, or are being called."""
