"""A secret made once and kept in a file that only its owner reads. Which secrets there are is not known here."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path


class SecretFileError(Exception):
    """The secret could be neither read nor made; nothing was changed. The text names the file, never what is in it."""


def kept_secret(path: Path) -> str:
    """32 random bytes in url-safe base64, which is a Fernet key too. Several processes asking at once get the same."""
    try:
        if not path.exists():
            _make(path)
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SecretFileError(f"The secret {path} could not be kept: {reason}.") from None


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)  # unlike a rename, never replaces what another process made meanwhile
    except FileExistsError:
        pass
    finally:
        draft.unlink()
