"""What a waiting caller hears, as files. Fits the announcer port that ``acd`` declares, without importing it."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ivr.prompts import MAX_NUMBER, Prompts

_MINUTE_S: Final = 60.0


class QueuePrompts:
    """Music, place in line, estimated wait and messages of the house. ``music`` names the prompts that are looped
    between announcements (none: the shipped one), ``messages`` those that come with further announcements, in turn.
    """

    def __init__(self, prompts: Prompts, music: Sequence[str] = (), messages: Sequence[str] = ()) -> None:
        self._prompts = prompts
        self._music = prompts.known(music) or prompts.files(["hold_music"])
        self._messages = prompts.known(messages)

    def music(self) -> Sequence[Path]:
        """To be looped while nothing is said."""
        return self._music

    def place(self, ahead: int) -> Sequence[Path]:
        """您前面还有 N 位客户在等待; with nobody ``ahead``: 您是下一位."""
        if ahead <= 0:
            return self._prompts.files(["queue_first"])
        return (
            *self._prompts.files(["queue_position_before"]),
            *self._prompts.number(min(ahead, MAX_NUMBER)),
            *self._prompts.files(["queue_position_after"]),
        )

    def wait(self, seconds: float) -> Sequence[Path]:
        """预计等待时间大约 N 分钟, rounded up to whole minutes; under a minute: 不到一分钟."""
        before = self._prompts.files(["queue_wait_before"])
        if seconds < _MINUTE_S:
            return (*before, *self._prompts.files(["less_than_a_minute"]))
        minutes = min(math.ceil(seconds / _MINUTE_S), MAX_NUMBER)
        return (*before, *self._prompts.number(minutes), *self._prompts.files(["minutes"]))

    def please_hold(self) -> Sequence[Path]:
        """现在来电较多，座席正忙，请您继续等待: said on entering a queue in which nobody is free."""
        return self._prompts.files(["queue_busy"])

    def message(self, number: int) -> Sequence[Path]:
        """What the house wants callers to know, with their ``number``-th further announcement."""
        return self._messages[number % len(self._messages) :][:1] if self._messages else ()

    def connecting(self) -> Sequence[Path]:
        """正在为您转接人工客服，请稍候: said when an agent is about to be rung."""
        return self._prompts.files(["transferring"])

    def callback(self) -> Sequence[Path]:
        """如果您希望保留排队的位置，由我们给您回电话，请按一。继续等待，请按二: said while he waits."""
        return self._prompts.files(["callback_offer"])

    def overflow(self) -> Sequence[Path]:
        """非常抱歉，现在线路繁忙，请您稍后再拨: said when the queue cannot take the caller."""
        return self._prompts.files(["overflow"])


class CalledBackPrompts(QueuePrompts):
    """What a customer hears who has been called back, until his agent is on the line: what this is, and music."""

    def place(self, ahead: int) -> Sequence[Path]:
        """Nothing: it is his turn."""
        return ()

    def wait(self, seconds: float) -> Sequence[Path]:
        """Nothing."""
        return ()

    def please_hold(self) -> Sequence[Path]:
        """您好，这里是客户服务中心，您预约的回电现在为您接通."""
        return self._prompts.files(["callback_calling"])

    def connecting(self) -> Sequence[Path]:
        """The same, where an agent's phone rings already."""
        return self.please_hold()
