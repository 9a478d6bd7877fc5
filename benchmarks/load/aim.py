"""Where the texts of a load may go. Never to Twilio, and to a public address only with its owner's word."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class Forbidden(Exception):
    """This address gets no load. The text says what would be needed."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A line, and what it takes to sign for it."""

    url: str
    public_url: str
    """What Twilio would sign: not always the address that is posted to."""
    account_sid: str
    auth_token: str = field(repr=False)


def aim_at(url: str, environ: Mapping[str, str]) -> Aim:
    """Raises Forbidden."""
    host = urlsplit(url).hostname or ""
    if re.search(r"(^|\.)twilio\.com$", host):
        raise Forbidden("Twilio is never put under load. Aim at the line itself.")
    if is_public(host) and environ.get("CONFIRM") != host:
        raise Forbidden(f"{host} is a public address. If it is yours, say so: CONFIRM={host}")
    if is_public(host) and not environ.get("TWILIO_AUTH_TOKEN"):
        raise Forbidden("A public line answers signed texts only: set TWILIO_AUTH_TOKEN and TWILIO_ACCOUNT_SID.")
    return Aim(
        url.rstrip("/"),
        environ.get("PUBLIC_URL", "").rstrip("/") or url.rstrip("/"),
        environ.get("TWILIO_ACCOUNT_SID") or "AC" + "0" * 32,
        environ.get("TWILIO_AUTH_TOKEN") or "0" * 32,
    )


def is_public(host: str) -> bool:
    """Whether any of its addresses is reachable from elsewhere; a name that nobody knows counts as public."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return True
    return not all(ipaddress.ip_address(address).is_private for address in found)
