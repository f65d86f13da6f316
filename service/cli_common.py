"""What the commands share: the configuration option, errors told plainly, the store opened for one command."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Final, TypeAlias, TypeVar

import typer
from rich.console import Console

from core.errors import ConfigError, Line400Error
from core.ids import Ids
from service import from_config
from service.clock import SystemClock
from service.config import load_config
from service.config_model import Config
from store.store import Store

EXIT_FAILED: Final = 1
EXIT_CONFIG: Final = 2

out: Final = Console(highlight=False, markup=False, soft_wrap=True)
complaints: Final = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

ConfigOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="配置文件 / configuration (default: line400.toml here, else defaults)"),
]

Result = TypeVar("Result")


@contextmanager
def told() -> Iterator[None]:
    """Errors that people can mend are printed without a traceback; exit code 2 for the configuration, else 1."""
    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            complaints.print(problem, style="red")
        raise typer.Exit(EXIT_CONFIG) from None
    except Line400Error as error:
        complaints.print(str(error), style="red")
        raise typer.Exit(EXIT_FAILED) from None
    except OSError as error:
        complaints.print(f"{error.filename}: {error.strerror}" if error.filename else str(error), style="red")
        raise typer.Exit(EXIT_FAILED) from None


def with_store(path: Path | None, work: Callable[[Config, Store], Coroutine[None, None, Result]]) -> Result:
    """Run ``work`` with the configuration in ``path`` and its store, and close the store."""

    async def run() -> Result:
        config = load_config(path)
        async with open_store(config) as store:
            return await work(config, store)

    with told():
        return asyncio.run(run())


@asynccontextmanager
async def open_store(config: Config) -> AsyncIterator[Store]:
    """The store of ``config``, beside whatever other process uses it."""
    config.data_folder.mkdir(parents=True, exist_ok=True)
    clock = SystemClock()
    ids = Ids(clock, secrets.token_bytes)
    store = await Store.open(
        from_config.database_url(config), clock, ids, recordings=from_config.recordings_folder(config)
    )
    async with store:
        yield store
