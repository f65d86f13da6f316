"""Cars in stock, for those who make offers."""

from typing import Final

from sqlalchemy import func, select

from desk.records import STOCK_STATES, StockCar, StockCount
from store.database import Database
from store.schema_selections import stock

_MODELS: Final = 1000
_SOLD: Final = STOCK_STATES[-1]


class Stock:
    """Asks for cars in stock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self) -> tuple[StockCount, ...]:
        """How many there are, by model."""
        counted = (
            select(stock.c.model, stock.c.state, func.count().label("cars"))
            .where(stock.c.state != _SOLD)
            .group_by(stock.c.model, stock.c.state)
            .order_by(stock.c.model)
            .limit(_MODELS)
        )
        found: dict[str, dict[str, int]] = {}
        async with self._database.reading() as connection:
            for row in await connection.execute(counted):
                found.setdefault(row.model, {})[row.state] = row.cars
        return tuple(StockCount(model, **states) for model, states in found.items())

    async def cars(self, model: str, *, limit: int) -> tuple[StockCar, ...]:
        """Those of a model that are not sold, the longest here first."""
        those = (
            select(stock)
            .where(stock.c.model == model, stock.c.state != _SOLD)
            .order_by(stock.c.since, stock.c.vin)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return tuple(StockCar(**row._mapping) for row in await connection.execute(those))
