"""What a waiting caller hears, and when: the port to the prompts, and the plan of announcements."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Announcer(Protocol):
    """Turns what is to be said into clips (8 kHz mono WAV); an empty sequence means that nothing is said."""

    def music(self) -> Sequence[Path]:
        """What is played, over and over, between announcements."""
        ...

    def place(self, ahead: int) -> Sequence[Path]:
        """There are ``ahead`` callers before you (0: you are next)."""
        ...

    def wait(self, seconds: float) -> Sequence[Path]:
        """You will wait about ``seconds``."""
        ...

    def please_hold(self) -> Sequence[Path]:
        """Please hold the line."""
        ...
