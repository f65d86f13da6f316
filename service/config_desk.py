"""What the configuration says of agents' work beside the talks: pauses, and what came of a call."""

from typing import Final

from desk.dispositions import Disposition, FieldKind, Then, suiting
from service.config_links import Places
from service.config_model import Config

REQUIRED: Final = "required"
"""Of a queue that demands a disposition of each call."""
_AGAIN: Final = "next window"
"""Who is to be tried again, and it is not said when."""


def dispositions_of(config: Config) -> tuple[Disposition, ...]:
    """The codes, in the order of the configuration."""
    return tuple(
        Disposition(
            code=each.code,
            zh=each.zh or each.en or each.code,
            en=each.en or each.zh or each.code,
            queues=frozenset(each.queues),
            fields=tuple(FieldKind(name) for name in each.fields),
            then=Then(each.then),
            again=each.again or (_AGAIN if each.then == Then.RETRY else ""),
            agreed=each.agreed,
        )
        for each in config.dispositions
    )


def check_desk(config: Config, at: Places) -> None:
    """Note codes and pauses that stand twice, queues that are not there or demand what nobody can give."""
    queues = [queue.name for queue in config.queues]
    seen: set[str] = set()
    for index, each in enumerate(config.dispositions):
        if each.code in seen:
            at.fault(("disposition", index, "code"), f"there are two of code {each.code!r}")
        seen.add(each.code)
        if each.again and each.then != Then.RETRY:
            at.fault(("disposition", index, "again"), 'says after what time to try again; it goes with then = "retry"')
        for name in each.queues:
            if name not in queues:
                at.fault(
                    ("disposition", index, "queues"),
                    f"there is no queue {name!r}; known: {', '.join(queues) or 'none'}",
                )
    named: set[str] = set()
    for index, pause in enumerate(config.pauses):
        if pause.name in named:
            at.fault(("pause", index, "name"), f"there are two of the name {pause.name!r}")
        named.add(pause.name)
    codes = dispositions_of(config)
    for index, queue in enumerate(config.queues):
        if queue.disposition == REQUIRED and not suiting(codes, queue.name):
            at.fault(("queue", index, "disposition"), "no [[disposition]] is for this queue, so none could be given")
