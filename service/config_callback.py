"""What the configuration says of calling back, as values; and what in it leads nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.callbacks import CallbackRules
from ivr.hours import Hours
from service.config_links import Places
from service.config_model import Config


@dataclass(frozen=True, slots=True)
class CallbackTerms:
    """How customers are called back: see ``[callback]``. ``hours`` None: at any time. In the queues ``customer_first``
    the customer is called before his agent. Waiting callers are listened to for ``listen_s`` after an offer (0: never).
    """

    rules: CallbackRules = field(default_factory=CallbackRules)
    trunk: str = ""
    caller_id: str = ""
    ring_timeout_s: float = 40.0
    hours: Hours | None = None
    record: bool = True
    customer_first: frozenset[str] = frozenset()
    listen_s: float = 6.0


def callback_terms(config: Config, hours: Mapping[str, Hours]) -> CallbackTerms:
    """As the configuration has them; ``hours`` by name."""
    told = config.callback
    return CallbackTerms(
        rules=CallbackRules(told.tries, 60.0 * told.retry_min, 3600.0 * told.holds_h),
        trunk=told.trunk,
        caller_id=told.caller_id,
        ring_timeout_s=told.ring_timeout_s,
        hours=hours[told.hours] if told.hours else None,
        record=told.record,
        listen_s=told.listen_s,
        customer_first=frozenset(queue.name for queue in config.queues if queue.callback_first == "customer"),
    )


def check_callback(config: Config, at: Places) -> None:
    """Note names that lead nowhere, and queues that promise what no trunk can keep."""
    told = config.callback
    trunks = [*(trunk.name for trunk in config.trunks), *(group.name for group in config.trunk_groups)]
    if told.trunk and told.trunk not in trunks:
        at.fault(("callback", "trunk"), f"there is no trunk {told.trunk!r}; known: {', '.join(trunks) or 'none'}")
    hours = [item.name for item in config.hours]
    if told.hours and told.hours not in hours:
        at.fault(("callback", "hours"), f"there is no [[hours]] {told.hours!r}; known: {', '.join(hours) or 'none'}")
    for index, queue in enumerate(config.queues):
        if queue.callback_key and not told.trunk:
            at.fault(("queue", index, "callback_key"), "needs [callback] trunk: by which customers are called back")
