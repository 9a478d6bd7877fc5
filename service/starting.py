"""How a process starts: what it imports and builds by then stays as long as it does. Nothing is started here."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def all_of_it_stays() -> Iterator[None]:
    """Nothing made inside is ever looked through for garbage: that took a third of a start.

    Later it would stop every text for a tenth of a second, and in a forked process copy every page that is shared.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
