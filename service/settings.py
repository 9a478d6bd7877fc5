"""The environment as one frozen value, or every mistake in it at once. What the settings are used for is not here."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from service import private
from service.secretfile import SecretFileError, kept_secret

CHECKOUT = Path(__file__).resolve().parent.parent
OptOuts = Literal["ours", "twilio"]

DEVELOPMENT_ACCOUNT = "AC" + "0" * 32
DEVELOPMENT_TOKEN = "0" * 32
DEVELOPMENT_SENDER = "+15005550006"
"""Twilio's own magic number for a sender that works; it belongs to nobody."""

_ACCOUNT = "AC and 32 hexadecimal digits, from Twilio's console"
_SERVICE = "MG and 32 hexadecimal digits, from Twilio's console"
_NUMBER = "a number such as +15005550006, or a short code"
_MAKE_KEY = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
_MAKE_PEPPER = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"


class SettingsError(Exception):
    """The environment cannot be used. `problems` names all mistakes, one sentence each, and holds no secret."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """Addresses and secrets stay out of `repr`, so that a settings object may stand in a message."""

    port: int
    production: bool
    public_url: str
    """Without a slash at its end: what Twilio signs is this and the path."""
    account_sid: str = field(repr=False)
    auth_tokens: tuple[str, ...] = field(repr=False)
    """Newest first; each is accepted in a signature, the first one signs."""
    sender: str = field(repr=False)
    """A number or a short code; empty where only `messaging_service_sid` is set."""
    messaging_service_sid: str = field(repr=False)
    """Empty where `sender` sends by itself."""
    twilio_api_url: str | None = field(repr=False)
    """None: Twilio itself. In development never None."""
    redis_url: str | None = field(repr=False)
    """None: the embedded Valkey at `embedded_socket`."""
    database_url: str = field(repr=False)
    """As SQLAlchemy wants it, driver included."""
    keys: tuple[str, ...] = field(repr=False)
    """Fernet keys, newest first."""
    pepper: str = field(repr=False)
    opt_outs: OptOuts
    alert_url: str | None = field(repr=False)
    web_processes: int
    worker_processes: int
    home: Path
    var: Path

    @property
    def embedded_socket(self) -> Path:
        """Short, since Unix allows 108 bytes, and the same from every shell: a runtime folder of a login may vanish."""
        return Path("/tmp") / private.name_for(self.var) / "valkey.sock"  # noqa: S108 (its folder is ours, 0700)

    @property
    def redis_address(self) -> str:
        """Where Redis or Valkey is, embedded or not."""
        return self.redis_url or f"unix://{self.embedded_socket}"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Raise SettingsError with all problems. An empty value counts as unset. Development makes its secrets once."""
        reading = _Reading(environ)
        settings = reading.settings()
        if reading.problems:
            raise SettingsError(tuple(reading.problems))
        return settings


class _Reading:
    """One pass over the environment. A wrong value is noted and stood in for, so that the rest is looked at too."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []
        self.production = self._production()
        self.port = self._whole_number("PORT", 5000, 65535)
        self.var = self._folder("NIGHTLIGHT_VAR", CHECKOUT / "var")

    def settings(self) -> Settings:
        sender, service = self._sender(), self._matching("TWILIO_MESSAGING_SERVICE_SID", r"MG[0-9a-f]{32}", _SERVICE)
        if not sender and not service:
            sender = self._required("TWILIO_FROM", DEVELOPMENT_SENDER, "your number, or TWILIO_MESSAGING_SERVICE_SID")
        return Settings(
            port=self.port,
            production=self.production,
            public_url=self._public_url(),
            account_sid=self._account(),
            auth_tokens=self._tokens(),
            sender=sender,
            messaging_service_sid=service,
            twilio_api_url=self._twilio_api_url(),
            redis_url=self._address("REDIS_URL", ("redis", "rediss", "unix")),
            database_url=self._database_url(),
            keys=self._keys(),
            pepper=self._pepper(),
            opt_outs=self._opt_outs(),
            alert_url=self._address("NIGHTLIGHT_ALERT_URL", ("https", "http")),
            web_processes=self._web_processes(),
            worker_processes=self._whole_number("WORKER_CONCURRENCY", 1, 64),
            home=self._home(),
            var=self.var,
        )

    def _text(self, name: str) -> str:
        return self.environ.get(name, "").strip()

    def _problem(self, sentence: str) -> None:
        self.problems.append(sentence)

    def _required(self, name: str, in_development: str, what: str) -> str:
        """What is set; else the working default of development; else, in production, a problem."""
        value = self._text(name)
        if not value and self.production:
            self._problem(f"{name} is not set. Set it to {what}.")
        return value or in_development

    def _matching(self, name: str, pattern: str, what: str) -> str:
        value = self._text(name)
        if value and not re.fullmatch(pattern, value):
            self._problem(f"{name} does not look right. It should be {what}.")
        return value

    def _production(self) -> bool:
        value = self._text("NIGHTLIGHT_ENV") or "production"
        if value not in ("production", "development"):
            self._problem(f'NIGHTLIGHT_ENV is "{value}". Set it to "production" or "development".')
        return value != "development"

    def _whole_number(self, name: str, default: int, most: int) -> int:
        value = self._text(name) or str(default)
        if re.fullmatch(r"[0-9]{1,9}", value) and 1 <= int(value) <= most:
            return int(value)
        self._problem(f'{name} is "{value}". Set it to a whole number from 1 to {most}.')
        return default

    def _folder(self, name: str, default: Path) -> Path:
        return Path(self._text(name) or default).expanduser().resolve()

    def _home(self) -> Path:
        home = self._folder("NIGHTLIGHT_HOME", CHECKOUT)
        if not (home / "config").is_dir():
            self._problem(
                f"NIGHTLIGHT_HOME is {home}, where there is no config folder. Set it to the folder that has it."
            )
        return home

    def _address(self, name: str, schemes: tuple[str, ...]) -> str | None:
        value = self._text(name)
        if not value:
            return None
        if not _is_address(value, schemes):
            wanted = " or ".join(f"{scheme}://" for scheme in schemes)
            self._problem(f"{name} is not an address. It should begin with {wanted} and name a host or a socket.")
        return value.rstrip("/")

    def _public_url(self) -> str:
        here = f"http://127.0.0.1:{self.port}"
        value = self._required("PUBLIC_URL", here, "the https address under which Twilio reaches this line").rstrip("/")
        parts = urlsplit(value) if _is_address(value, ("https", "http")) else None
        if parts is None or parts.query or parts.fragment:
            self._problem("PUBLIC_URL is not an address. It should be like https://line.example.org, without ? or #.")
        elif self.production and parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            self._problem("PUBLIC_URL begins with http://. Use https://, since texts of people in danger go over it.")
        return value

    def _account(self) -> str:
        self._required("TWILIO_ACCOUNT_SID", DEVELOPMENT_ACCOUNT, _ACCOUNT)
        return self._matching("TWILIO_ACCOUNT_SID", r"AC[0-9a-f]{32}", _ACCOUNT) or DEVELOPMENT_ACCOUNT

    def _tokens(self) -> tuple[str, ...]:
        tokens = _several(self._required("TWILIO_AUTH_TOKEN", DEVELOPMENT_TOKEN, "the auth token of Twilio's console"))
        if not tokens or any(re.search(r"\s", token) for token in tokens):
            self._problem(
                "TWILIO_AUTH_TOKEN does not look right. Give one token, or several with commas, newest first."
            )
        return tokens

    def _sender(self) -> str:
        return self._matching("TWILIO_FROM", r"\+[1-9][0-9]{6,14}|[0-9]{3,8}", _NUMBER)

    def _twilio_api_url(self) -> str | None:
        """In development the phone page, also where credentials are present: nothing leaves by accident."""
        stand_in = None if self.production else f"http://127.0.0.1:{self.port}/phone/twilio"
        return self._address("TWILIO_API_URL", ("https", "http")) or stand_in

    def _database_url(self) -> str:
        value = self._text("DATABASE_URL") or f"sqlite:///{self.var / 'nightlight.db'}"
        scheme, _, rest = value.partition("://")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg://{rest}"
        if not rest or scheme not in ("sqlite", "postgresql+psycopg"):
            self._problem("DATABASE_URL is not an address. It should begin with postgresql:// or sqlite:///.")
        return value

    def _keys(self) -> tuple[str, ...]:
        keys = _several(self._secret("NIGHTLIGHT_KEYS", "keys", _MAKE_KEY))
        if any(not _is_key(key) for key in keys):
            self._problem(f"NIGHTLIGHT_KEYS holds what is not a key. Make one with {_MAKE_KEY}")
        return keys

    def _pepper(self) -> str:
        pepper = self._secret("NIGHTLIGHT_PEPPER", "pepper", _MAKE_PEPPER)
        if pepper and len(pepper) < 32:
            self._problem(f"NIGHTLIGHT_PEPPER is shorter than 32 characters. Make one with {_MAKE_PEPPER}")
        return pepper

    def _secret(self, name: str, file: str, how: str) -> str:
        """In development made once and kept, so that an opt-out holds over a restart."""
        value = self._text(name)
        if value or self.production:
            return value or self._required(name, "", f"a secret that you keep; make one with {how}")
        try:
            return kept_secret(self.var / "secrets" / file)
        except SecretFileError as error:
            self._problem(f"{error} Set NIGHTLIGHT_VAR to a folder that you may write to.")
            return ""

    def _opt_outs(self) -> OptOuts:
        value = self._text("NIGHTLIGHT_OPT_OUTS") or "ours"
        if value == "twilio":
            return "twilio"
        if value != "ours":
            self._problem(
                f'NIGHTLIGHT_OPT_OUTS is "{value}". Set it to "ours", or to "twilio" if STOP is acted on there.'
            )
        return "ours"

    def _web_processes(self) -> int:
        """Development has one: the phone page's mailbox is in the memory of that process."""
        wanted = self._whole_number("WEB_CONCURRENCY", 2, 64)
        return wanted if self.production else 1


def _several(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        has_target = bool(parts.hostname) or (parts.scheme == "unix" and parts.path.startswith("/"))
        return parts.scheme in schemes and has_target and (parts.port is None or parts.port > 0)
    except ValueError:  # a bracket or a port that cannot be one
        return False


def _is_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == 32
    except (binascii.Error, ValueError):
        return False
