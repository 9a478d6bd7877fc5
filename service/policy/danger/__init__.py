"""The crisis engine: a text in, its level, kind and evidence out."""

from __future__ import annotations

from service.policy.danger.additions import Addition, AdditionError
from service.policy.danger.recogniser import Recogniser, too_broad

__all__ = ["Addition", "AdditionError", "Recogniser", "too_broad"]
