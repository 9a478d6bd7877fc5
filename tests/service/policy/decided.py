"""What the shipped playbook decides about texts from New York. Loaded once for all tests of the policy."""

from __future__ import annotations

from datetime import datetime

from service import playbook as playbooks
from service.policy import routing
from service.policy.conversation import Decision, Session
from service.settings import CHECKOUT
from tests.builders import AN_AFTERNOON, a_text

BOOK = playbooks.load(CHECKOUT, production=False)


def decide(text: str, session: Session | None = None, at: datetime = AN_AFTERNOON, **different: object) -> Decision:
    return routing.decide(a_text(text, **different), session or Session(), BOOK, at)


def after(*texts: str) -> Session:
    """What is remembered once these were texted, a few seconds apart."""
    session = Session()
    for text in texts:
        session = decide(text, session).session
    return session
