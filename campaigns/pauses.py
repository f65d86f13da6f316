"""Why a campaign pauses by itself, in words for who has to mend it: Chinese, then English."""

from typing import Final

BROKEN: Final = (
    "一次呼叫因系统自身的故障中断，已暂停；原因见服务日志，处理后再继续 / "
    "a call broke off by a fault of ours, so it was paused; the log of the service says which"
)
GONE: Final = (
    "配置文件里已没有这个任务，已暂停；写回去后再继续 / "
    "the configuration does not have it any more, so it was paused; go on when it is back"
)


def trunk_failed(trunk: str, times: int) -> str:
    """Nobody could be called over it."""
    return (
        f"线路“{trunk}”连续 {times} 次失败，已暂停；线路恢复后再继续 / "
        f"trunk {trunk} failed {times} times in a row, so it was paused; go on when the trunk works again"
    )


def no_agent_in_time(people: int) -> str:
    """Who answered was given no agent."""
    return (
        f"连续 {people} 位客户接通后没有坐席及时接听，已暂停；请看坐席话机是否自动接听 / "
        f"{people} people in a row found no agent in time, so it was paused; do the phones answer by themselves?"
    )
