"""Turns phone numbers into what may be stored: keyed hashes, and sealed numbers where they must be dialled again."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from service.policy.conversation import MessageSid, PhoneNumber, SenderKey
from service.policy.ledger import MessageKey

MIN_PEPPER = 32
_DIGEST = 20
"""Bytes of each keyed hash that are kept: 160 bits, so that no two of a country's numbers meet."""


class SealBroken(Exception):
    """A sealed number cannot be opened with the keys at hand. It is of no use until the right key is back."""


class BadKeys(ValueError):
    """The keys or the pepper cannot be used; says which, never its value."""


class Sealer:
    """Seals with the newest key and opens with any. The pepper never changes: every opt-out is written under it.

    A key is 32 random bytes in URL-safe base64, with or without padding. A passphrase is refused: it would need a slow
    derivation on each start, and a weak one looks like a strong one.
    """

    def __init__(self, keys: Sequence[str], pepper: str) -> None:
        if not keys:
            raise BadKeys("NIGHTLIGHT_KEYS is empty; it needs at least one key of 32 random bytes in URL-safe base64")
        if len(pepper) < MIN_PEPPER:
            raise BadKeys(f"NIGHTLIGHT_PEPPER has {len(pepper)} characters; it needs at least {MIN_PEPPER} random ones")
        self._fernet = MultiFernet([_fernet(place, key) for place, key in enumerate(keys, start=1)])
        self._pepper = pepper.encode()

    @property
    def pepper_fingerprint(self) -> str:
        """Tells whether two processes have the same pepper, and nothing else about it."""
        return self._keyed("pepper", "")

    def key_of(self, number: PhoneNumber) -> SenderKey:
        return SenderKey(self._keyed("sender", number.strip()))

    def hash_sid(self, sid: MessageSid) -> MessageKey:
        return MessageKey(self._keyed("message", sid))

    def seal(self, number: PhoneNumber) -> str:
        return self._fernet.encrypt(number.encode("utf-8", "surrogatepass")).decode()

    def open(self, token: str) -> PhoneNumber:
        """Raises SealBroken."""
        try:
            return PhoneNumber(self._fernet.decrypt(token.encode()).decode("utf-8", "surrogatepass"))
        except (InvalidToken, ValueError):
            raise SealBroken("a sealed number cannot be opened with the present keys") from None

    def _keyed(self, purpose: str, text: str) -> str:
        # The purpose keeps a number and a message id that read the same from having the same hash.
        digest = hmac.digest(self._pepper, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), "sha256")
        return digest[:_DIGEST].hex()


def _fernet(place: int, key: str) -> Fernet:
    try:
        bare = key.strip().rstrip("=")
        raw = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
        return Fernet(base64.urlsafe_b64encode(raw))
    except ValueError:
        raise BadKeys(f"key {place} of NIGHTLIGHT_KEYS is not 32 random bytes in URL-safe base64") from None
