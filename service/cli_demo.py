"""``line400 demo``: the product at work, without a carrier or a phone."""

import typer

from service.demo.run import run


def demo() -> None:
    """演示 / Start the service with simulated callers, agents and a carrier, and show what happens."""
    raise typer.Exit(run())
