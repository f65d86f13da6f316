"""Of queues in the configuration: when they are open, where callers go who are not served, and what is heard there."""

from collections.abc import Iterable, Iterator, Mapping

from core.toml_lines import KeyPath
from ivr.prompts import Prompts
from ivr.queue_prompts import QueuePrompts
from service.config_links import Places, destinations, must_exist
from service.config_model import Config, QueueConfig
from service.from_config import hours_of, tolls_of
from service.routes import Destination, RouteKind
from service.ways import CallBack, Elsewhere, HangUp, QueueWays, Say, Step, parse_key, parse_step
from telephony.tolls import judge


def ways_of(config: Config, prompts: Prompts) -> dict[str, QueueWays]:
    """The ways of each queue; the configuration has been checked."""
    hours = hours_of(config)
    return {
        queue.name: QueueWays(
            hours=hours[queue.hours] if queue.hours else None,
            closed=tuple(parse_step(text) for text in queue.closed),
            keys=dict(parse_key(text) for text in queue.keys),
            keeps_wait=queue.overflow_keeps_wait,
            announcer=QueuePrompts(prompts, queue.music, queue.messages) if queue.music or queue.messages else None,
            whisper=queue.whisper,
        )
        for queue in config.queues
    }


def check_ways(config: Config, flows: Iterable[str], prompts: Prompts, at: Places) -> None:
    """Note every step, key, prompt and calendar of a queue that leads nowhere."""
    known = destinations(config, flows)
    trunks = [*(trunk.name for trunk in config.trunks), *(group.name for group in config.trunk_groups)]
    names, tolls = sorted(prompts.names()), tolls_of(config)
    for index, queue in enumerate(config.queues):
        if queue.hours:
            must_exist(queue.hours, [*hours_of(config)], "hours", ("queue", index, "hours"), at)
        for key in ("music", "messages"):
            for prompt in getattr(queue, key):
                must_exist(prompt, names, "prompt", ("queue", index, key), at)
        if queue.whisper:
            must_exist(queue.whisper, names, "prompt", ("queue", index, "whisper"), at)
        pressed = [parse_key(text)[0] for text in queue.keys]
        if len(set(pressed)) != len(pressed):
            at.fault(("queue", index, "keys"), "names a key twice; where it leads must be written in one line")
        for key, steps in chains_of(queue):
            path: KeyPath = ("queue", index, key)
            for step in steps:
                match step:
                    case Destination(RouteKind.QUEUE, name) if name == queue.name:
                        at.fault(path, "leads back to the same queue; name another or leave it out")
                    case Destination(kind, name):
                        must_exist(name, known.get(kind, [name]), kind.value, path, at)
                    case Say(prompt):
                        must_exist(prompt, names, "prompt", path, at)
                    case Elsewhere(number, trunk):
                        if trunk:
                            must_exist(trunk, trunks, "trunk", path, at)
                        elif not config.transfer.trunk:
                            at.fault(path, f"write number:{number}@TRUNK, or name a trunk in [transfer]")
                        if (judged := judge(number, tolls)).why is not None:
                            at.fault(path, f"{number} may not be called: {judged.words}; see [dialling] allowed")
                    case CallBack():
                        if not config.callback.trunk:
                            at.fault(path, "callback needs [callback] trunk: by which customers are called back")
                    case HangUp():
                        pass


def chains_of(queue: QueueConfig) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """Every chain of steps of the queue, with the key of the configuration that it stands under."""
    yield "overflow", tuple(parse_step(text) for text in queue.overflow if text)
    yield "closed", tuple(parse_step(text) for text in queue.closed)
    for text in queue.keys:
        yield "keys", parse_key(text)[1]


def ways_warnings(config: Config) -> list[str]:
    """Steps that never come, circles of queues, keys that do nothing as they are."""
    warnings = []
    for queue in config.queues:
        for key, steps in chains_of(queue):
            ends = [place for place, step in enumerate(steps, 1) if _ends(step) and place < len(steps)]
            if ends:
                warnings.append(f"queue {queue.name}: {key}: step {ends[0]} keeps the call; what follows never comes")
        if not config.callback.hours and any(isinstance(parse_step(text), CallBack) for text in queue.closed):
            warnings.append(
                f"queue {queue.name}: closed: callback: without [callback] hours customers are called as soon as an"
                " agent is there, at night too"
            )
        if queue.closed and not queue.hours:
            warnings.append(f"queue {queue.name}: closed does nothing without hours")
    follows = {queue.name: _next_queues(queue) for queue in config.queues}
    circle = next((path for name in follows if (path := _circle(name, follows))), None)
    if circle:
        warnings.append(
            f"queue {circle[0]}: callers may go round: {' → '.join(circle)}; after 12 steps they are told goodbye"
        )
    return warnings


def _ends(step: Step) -> bool:
    match step:
        case HangUp() | Destination(kind=RouteKind.VOICEMAIL | RouteKind.FLOW):
            return True
        case _:
            return False


def _next_queues(queue: QueueConfig) -> list[str]:
    """The queues that its callers are led to unasked."""
    steps = [step for key, chain in chains_of(queue) if key != "keys" for step in chain]
    return [step.name for step in steps if isinstance(step, Destination) and step.kind is RouteKind.QUEUE]


def _circle(start: str, follows: Mapping[str, list[str]]) -> list[str] | None:
    """A way from queue ``start`` back to it."""
    seen, ways = {start}, [[start]]
    while ways:
        way = ways.pop()
        for name in follows.get(way[-1], ()):
            if name == start:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return None
