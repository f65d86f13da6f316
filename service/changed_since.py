"""Two people change one thing: the second is told of the first, and does not undo him unseen."""

from datetime import datetime
from zoneinfo import ZoneInfo

from core.errors import ChangedSince


def refuse_changed(seen: float | None, changed_at: float, changed_by: str, zone: str) -> None:
    """``ChangedSince`` where what was ``seen`` by whoever changes it now (its moment, None: he does not say) is no
    longer what holds. Epoch seconds.
    """
    if seen is None or seen == changed_at:
        return
    at = f"{datetime.fromtimestamp(changed_at, ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
    raise ChangedSince(
        f"{changed_by or '?'} 已在 {at} 修改过，您的修改没有保存，请先查看现在的设置 / "
        f"{changed_by or 'somebody'} has changed it at {at}; yours was not kept: look at the present state first"
    )
