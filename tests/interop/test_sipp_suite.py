"""SIPp scenarios, named by their outcome, in ``sipp/``: no message may be missing, and none come unawaited."""

import pytest
import pytest_asyncio

from tests.interop.sipp_line import Stack
from tests.interop.sipp_suite import Result, Run, perform_all, runs

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
RUNS = runs()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def done(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Result | Exception], dict[str, Stack]]:
    """All runs that were asked for, several at a time."""
    asked = {getattr(item, "callspec", None) and item.callspec.id for item in request.session.items}
    chosen = [run for run in RUNS if run.name in asked]
    return await perform_all(chosen, tmp_path_factory.mktemp("sipp"))


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
async def test_outcome(run: Run, done: tuple[dict[str, Result | Exception], dict[str, Stack]]) -> None:
    result = done[0][run.name]
    if isinstance(result, Exception):
        raise result
    outcome = result.outcome
    assert (outcome.successful, outcome.failed, outcome.errors) == (run.calls, 0, "")
    assert result.events == run.wanted


async def test_loss_is_real(done: tuple[dict[str, Result | Exception], dict[str, Stack]]) -> None:
    lossy = {name: stack for name, stack in done[1].items() if "-" in name and stack.counts}
    assert all(stack.endpoint.lost > 0 for stack in lossy.values())


async def test_nothing_is_left_of_the_calls(
    done: tuple[dict[str, Result | Exception], dict[str, Stack]],
) -> None:
    assert [left for stack in done[1].values() for left in stack.left()] == []
    assert not any(stack.endpoint._agent.dialogs for stack in done[1].values())


async def test_there_are_sixty_scenarios() -> None:
    assert len({run.scenario for run in RUNS}) >= 60
