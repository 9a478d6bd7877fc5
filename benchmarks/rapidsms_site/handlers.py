"""Keyword handlers, and a backend that lets go of what it should send."""

from __future__ import annotations

from rapidsms.backends.base import BackendBase
from rapidsms.contrib.handlers import KeywordHandler


class Outgoing(BackendBase):
    def send(self, id_: str, text: str, identities: list[str], context: object = None) -> None:
        pass


class _Topic(KeywordHandler):
    def help(self) -> None:
        self.respond(f"About {self.keyword}. Text MORE for more. 988 is there.")

    def handle(self, text: str) -> None:
        self.help()


class Anxiety(_Topic):
    keyword = "anxiety|panic|stress|depression|sleep"


class Pain(_Topic):
    keyword = "pain|opioids|alcohol|vaping"


class Grief(_Topic):
    keyword = "grief|anger|selfharm|eating|bullying"


class Help(_Topic):
    keyword = "help|menu|info"
