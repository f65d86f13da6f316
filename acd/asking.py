"""How a waiting caller is asked at which number he is to be called back: the port to the dialogue."""

from typing import Protocol

from acd.served import WantsCallback


class AskNumber(Protocol):
    """Asks one caller. He has chosen to be called back before he is asked, by a key or in a menu."""

    @property
    def stands(self) -> str:
        """The number at which he is called back though he hangs up now: his own, or the one that he has keyed in, as
        long as he has not turned it down. "" where there is none, or he is not being asked.
        """
        ...

    async def __call__(self) -> str:
        """Ask: the number that he has confirmed, "" where he would rather wait."""
        ...

    async def spoken(self) -> bool:
        """He has just been told that he may be called back: listen for a few seconds whether he says that he wants to.
        False where he does not, or nobody can listen.
        """
        ...

    def hung_up(self, wish: WantsCallback) -> None:
        """He has hung up while a number stood: ``wish`` is to be kept."""
        ...
