"""What a number means that an agent dials or transfers to: a colleague, one of our numbers, or somebody outside."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.short_numbers import may_be_an_extension
from service.routes import Destination, Route, RouteKind, Routes


@dataclass(frozen=True, slots=True)
class Abroad:
    """A number outside, to be called through a trunk."""

    number: str


class Targets:
    """``agents`` are ids that may be dialled; ``abroad`` whether calls may be passed on to numbers outside, ``dials``
    whether agents may call them. Of short ones that could be extensions only those that begin with one of ``allowed``.
    """

    def __init__(
        self,
        routes: Routes,
        agents: Iterable[str] = (),
        *,
        abroad: bool = False,
        dials: bool = False,
        allowed: Iterable[str] = (),
    ) -> None:
        self.change(routes, agents, abroad=abroad, dials=dials, allowed=allowed)

    def change(
        self,
        routes: Routes,
        agents: Iterable[str],
        *,
        abroad: bool,
        dials: bool = False,
        allowed: Iterable[str] = (),
    ) -> None:
        """These hold from now on."""
        self._routes = routes
        self._agents = frozenset(agents)
        self._abroad = abroad
        self._allowed = tuple(allowed)
        self._dials = dials

    def dialled_inside(self, number: str) -> Route | None:
        """Where a call leads that one of our phones makes: talks among colleagues are not recorded."""
        if number in self._agents:
            return Route(Destination(RouteKind.AGENT, number), record=False)
        return self._routes.find(number)

    def is_ours(self, number: str) -> bool:
        """Whether it is an agent's, or a called number of ours (not by the route of "*")."""
        if number in self._agents:
            return True
        route = self._routes.find(number)
        return route is not None and route is not self._routes.find("*")

    def is_outside(self, number: str) -> bool:
        """Whether nobody of ours has it and it could be somebody's outside."""
        return self._leads_outside(number) and not self.is_ours(number)

    def is_called_outside(self, number: str) -> bool:
        """Whether a call that one of our phones makes goes to the outside."""
        return self._dials and self.is_outside(number)

    def transferred(self, number: str) -> Destination | Abroad | None:
        """Where a transfer leads; None where nobody has that number. The route of "*" takes no transfers, and no short
        number that is none of ours is dialled outside: a mistyped number is better told to whoever typed it.
        """
        if number in self._agents:
            return Destination(RouteKind.AGENT, number)
        route = self._routes.find(number)
        if route is not None and route is not self._routes.find("*"):
            return route.to
        return Abroad(number) if self._abroad and self._leads_outside(number) else None

    def _leads_outside(self, number: str) -> bool:
        return _is_dialable(number) and (not may_be_an_extension(number) or number.startswith(self._allowed))


def _is_dialable(number: str) -> bool:
    digits = number.removeprefix("+")
    return digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 20
