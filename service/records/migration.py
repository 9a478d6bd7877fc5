"""Brings a database's tables up to date, by the steps in `migrations/`."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from service.records.database import Database, RecordsUnavailable, make_folder

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_LOCK = 5_012_988
"""Any number, as long as nobody else locks it in the same database."""


def migrate(database: Database) -> None:
    try:
        make_folder(database.url)
    except OSError as error:
        raise RecordsUnavailable(f"the database's folder cannot be written: {error.strerror}") from None
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise RecordsUnavailable(f"the database cannot be migrated: {error}") from None
