"""What can become true of test calls to our own number."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("probe.begun")
@dataclass(frozen=True, slots=True)
class ProbeBegun(Fact):
    """Run ``run`` of ``probe`` is being dialled through ``trunk``; ``by`` is who asked for it, "" where it was time."""

    run: str
    probe: str
    trunk: str
    by: str = ""


@fact("probe.came")
@dataclass(frozen=True, slots=True)
class ProbeCame(Fact):
    """This call, which came from outside, is run ``run``: a test, no customer."""

    run: str
    probe: str


@fact("probe.ended")
@dataclass(frozen=True, slots=True)
class ProbeEnded(Fact):
    """The run is over: ``result`` of ``campaigns.probe.ProbeResult``. Seconds from dialling to the greeting
    (``ring_s``), on in the menu (``menu_s``) and on in ``queue`` (``wait_s``); None for what was not reached.
    ``agent`` has answered; ``inbound`` is our call as it came back; ``status`` the SIP status of a refusal.
    """

    run: str
    probe: str
    result: str
    ring_s: float | None = None
    menu_s: float | None = None
    wait_s: float | None = None
    queue: str = ""
    agent: str = ""
    inbound: str = ""
    status: int = 0
