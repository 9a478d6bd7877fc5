"""Who may use the development phone: pages and programs of this machine. What they may do is not here."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request, Response
from werkzeug.exceptions import Forbidden

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def refuse_strangers(request: Request) -> None:
    """Raise Forbidden for another site's page, also for one whose name was made to point at this machine."""
    if urlsplit(f"//{request.host}").hostname not in _HERE:
        raise Forbidden("The phone is for this machine alone. Open it as localhost or 127.0.0.1.")
    if request.headers.get("Origin", _origin(request)) != _origin(request):
        raise Forbidden("Another site's page may not use this phone.")
    from_another_site = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
    if from_another_site and not _is_a_link_that_was_followed(request):
        raise Forbidden("Another site's page may not use this phone.")


def protect(response: Response) -> Response:
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _origin(request: Request) -> str:
    return f"{request.scheme}://{request.host}"


def _is_a_link_that_was_followed(request: Request) -> bool:
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
