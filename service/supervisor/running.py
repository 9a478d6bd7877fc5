"""One run: the processes started in order, looked after, and ended together."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from service import embedded, starting
from service.server import Serving
from service.settings import CHECKOUT, Settings, SettingsError
from service.supervisor.child import Child
from service.supervisor.preconditions import (
    CannotRun,
    answering_valkey,
    database_problem,
    empty_folder,
    free_port,
    metrics_folder,
    only_run,
)
from service.supervisor.roster import Known, Roster

PROCFILE = CHECKOUT / "Procfile"
MIGRATE = (sys.executable, "-m", "service", "migrate")
VALKEY = "valkey"

LOOK_EVERY = 0.1
ASK_EVERY = 0.3
MIGRATE_EVERY = 10.0
PATIENCE = 10.0
"""Seconds that the processes have to finish what they are at; then they are killed."""

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""A proxy of the environment does not know this machine's own addresses."""


def run(environ: Mapping[str, str], *, procfile: Path = PROCFILE, migrate: Sequence[str] = MIGRATE) -> int:
    """Returns when Ctrl-C or SIGTERM came and all is ended: 0; 1 where it could not start, said in one sentence."""
    var = Path(environ.get("NIGHTLIGHT_VAR") or CHECKOUT / "var").expanduser().resolve()
    try:
        with only_run(var):
            run = Run(environ, var, procfile, migrate)
            signals = _Signals()
            try:
                run.start()
                run.watch(signals)
            finally:
                run.end(signals)
    except (CannotRun, embedded.EmbeddedError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


class Run:
    """One run: the Valkey, unless there is one elsewhere, and the Procfile's processes."""

    def __init__(self, environ: Mapping[str, str], var: Path, procfile: Path, migrate: Sequence[str]) -> None:
        self._var = var
        self._procfile = procfile
        self._migrate = migrate
        self._settings, self._problems = _settings(environ)
        self._metrics = metrics_folder(var)
        self._environ = _for_children(environ, var, self._metrics)
        self._serving = Serving.of(environ)
        self._roster = Roster(var / "run" / "processes.json")
        self._children: list[Child] = []
        self._due: dict[str, float] = {}
        """When a process that has ended is started again."""
        self._ends = threading.Event()

    def start(self) -> None:
        _say("Nightlight starts.")
        valkey = self._end_what_was_left_behind()
        free_port(self._serving.host, self._serving.port)
        empty_folder(self._metrics)
        for problem in self._problems:
            _say(f"  {problem}")
        with starting.migration(self._var):
            self._start_processes()  # they load what they need meanwhile
            if self._settings:
                self._start_valkey(self._settings, valkey)
                self._migrate_database(self._settings)
        threading.Thread(target=self._tell_when_up, name="up", daemon=True).start()

    def watch(self, signals: _Signals) -> None:
        while not signals.came:
            now = time.monotonic()
            for child in self._children:
                self._look_after(child, now)
            time.sleep(LOOK_EVERY)

    def end(self, signals: _Signals) -> None:
        """The Valkey last: the others may still write to it while they finish."""
        self._ends.set()
        if self._children:
            _say("Nightlight ends.")
        _end([child for child in self._children if child.name != VALKEY], signals)
        _end([child for child in self._children if child.name == VALKEY], signals)
        self._roster.forget_all()
        shutil.rmtree(self._metrics, ignore_errors=True)
        if self._settings and not self._settings.redis_url:
            embedded.clear_away(self._settings.embedded_socket)

    def _end_what_was_left_behind(self) -> Known | None:
        """Of a run that was killed. Returns its Valkey, which is of use."""
        left = self._roster.left_behind()
        valkey = left.pop(VALKEY, None)
        for name, process in left.items():
            _say(f"  The {name} process of a run that was killed is still there; it is ended.")
            process.end(PATIENCE)
        return valkey

    def _start_valkey(self, settings: Settings, left_behind: Known | None) -> None:
        if settings.redis_url:
            return
        path = settings.embedded_socket
        embedded.prepare(path)
        output = self._var / "run" / "valkey.log"
        child = Child(VALKEY, embedded.command(path), cwd=path.parent, environ=self._environ, output=output)
        self._children.append(child)
        alive = embedded.pid(path)
        if alive:
            child.adopt(alive, time.monotonic())
            self._roster.note(VALKEY, alive)
            _say("  The Valkey of a run that was killed is still there; it is used.")
        else:
            if left_behind:
                left_behind.end(patience=0)  # it is frozen, and a new one takes its socket
            self._start_child(child)
            answering_valkey(path)
            _say("  The embedded Valkey is ready.")

    def _migrate_database(self, settings: Settings) -> None:
        """In production, texts are answered without a database too, and it is tried again beside that."""
        problem = database_problem(self._migrate, self._environ)
        if problem and not settings.production:
            raise CannotRun(problem)
        if problem:
            _say(f"  {problem} Texts are answered meanwhile.")
            threading.Thread(target=self._migrate_again, name="migrate", daemon=True).start()
        else:
            _say("  The database is ready.")

    def _migrate_again(self) -> None:
        while not self._ends.wait(MIGRATE_EVERY):
            if not database_problem(self._migrate, self._environ):
                _say("  The database is ready.")
                return

    def _start_processes(self) -> None:
        for name, command in _commands(self._procfile):
            if self._problems and name != "web":
                _say(f"  {name} is not started, since settings are wrong.")
                continue
            child = Child(name, command, cwd=CHECKOUT, environ=self._environ)
            self._children.append(child)
            self._start_child(child)
            _say(f"  {name} is started.")

    def _start_child(self, child: Child) -> None:
        child.start(time.monotonic())
        with suppress(OSError):  # a full disk is no reason to look after nothing any more
            self._roster.note(child.name, child.pid)

    def _look_after(self, child: Child, now: float) -> None:
        if child.lives:
            return
        if child.name not in self._due:
            self._due[child.name] = child.ended(now)
            _say(f"  {child.name} ended ({child.how_it_ended()}); it is started again.")
        elif now >= self._due[child.name]:
            del self._due[child.name]
            self._start_child(child)

    def _tell_when_up(self) -> None:
        told: list[str] = []
        while not self._ends.wait(ASK_EVERY):
            state = _state(self._serving.port)
            if state is None:
                continue
            problems = state.get("problems", []) if state.get("last_resort") else []
            if not problems:
                _say(_addresses(self._serving, self._settings))
                return
            if problems != told:
                told = problems
                _say("The line cannot start. Each text gets the constant crisis answer, until this is mended:")
                _say("\n".join(f"  {problem}" for problem in problems))


class _Signals:
    """Ctrl-C, a closed terminal, a service manager. A second one is for those who cannot wait."""

    def __init__(self) -> None:
        self.came = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(signal.SIGHUP, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        self.came += 1


def _settings(environ: Mapping[str, str]) -> tuple[Settings | None, tuple[str, ...]]:
    try:
        return Settings.read(environ), ()
    except SettingsError as error:
        return None, error.problems


def _for_children(environ: Mapping[str, str], var: Path, metrics: Path) -> dict[str, str]:
    """They start in the checkout, so a folder named from elsewhere is made absolute."""
    paths = {"NIGHTLIGHT_VAR": str(var), "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    home = environ.get("NIGHTLIGHT_HOME")
    return {**environ, **paths, **({"NIGHTLIGHT_HOME": str(Path(home).expanduser().resolve())} if home else {})}


def _commands(procfile: Path) -> list[tuple[str, list[str]]]:
    """The Procfile's processes, by this very Python."""
    lines = [line.partition(":") for line in procfile.read_text().splitlines() if line.strip()]
    commands = [(name.strip(), shlex.split(command)) for name, _, command in lines]
    return [(name, [sys.executable, *words[1:]] if words[0] == "python" else words) for name, words in commands]


def _state(port: int) -> dict[str, list[str]] | None:
    """What /readyz says; None while nobody answers there."""
    try:
        with _DIRECT.open(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    except OSError:
        return None
    with suppress(ValueError):
        state = json.loads(body)
        if isinstance(state, dict):
            return state
    return {}


def _addresses(serving: Serving, settings: Settings | None) -> str:
    here = f"http://127.0.0.1:{serving.port}"
    if settings and settings.production:
        return f"The line is up, for Twilio at {settings.public_url}/sms. `python -m service doctor` examines it."
    return f"The line is up. Text it at {here}/phone and see how it is at {here}/readyz. Ctrl-C ends it."


def _end(children: Sequence[Child], signals: _Signals) -> None:
    came = signals.came
    for child in children:
        child.ask_to_end()
    deadline = time.monotonic() + PATIENCE
    while any(child.lives for child in children) and time.monotonic() < deadline and signals.came == came:
        time.sleep(0.02)
    for child in children:
        if child.lives:
            _say(f"  {child.name} does not end; it is killed.")
        child.kill()


def _say(sentence: str) -> None:
    with suppress(OSError):  # a terminal that was closed is no reason to leave processes behind
        print(sentence, flush=True)
