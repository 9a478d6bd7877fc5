"""What the linter looks at: the files, the playbooks that they make, and each message as a person would read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

from service.playbook.assemble import Snapshot, build
from service.playbook.messages import file_of
from service.playbook.mistakes import Mistake
from service.policy.centers import NAMED
from service.policy.conversation import Language
from service.policy.programme import Playbook
from service.policy.replies import render

SAMPLE_OF_WHEN = {"en": "tomorrow at about 12:30 pm", "es": "mañana a eso de las 12:30"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A home's files. `trusted` prints only the help lines that somebody has tried, `everything` all that are open."""

    snapshot: Snapshot
    everything: Playbook
    trusted: Playbook
    production: bool
    now: datetime

    @classmethod
    def of(cls, snapshot: Snapshot, now: datetime, *, production: bool) -> Subject:
        """Raise PlaybookError where the files make no playbook."""
        everything = build(snapshot, production=False)
        trusted = replace(everything, directory=everything.directory.as_in_production())
        return cls(snapshot, everything, trusted, production, now)

    @property
    def home_country(self) -> str:
        return self.everything.programme.country

    @property
    def countries(self) -> tuple[str, ...]:
        """Every country with lines of its own, and one without ("")."""
        return (*self.everything.directory.countries, "ZZ")

    def answers(self) -> Iterator[Answer]:
        """Every message of every language, as people of every country would get it, with all lines and with few."""
        return self._answers(self.countries)

    def _answers(self, countries: tuple[str, ...]) -> Iterator[Answer]:
        for playbook, country in product((self.everything, self.trusted), countries):
            for language, messages in playbook.messages.items():
                values = playbook.values(country, language, self.now)
                values["when"] = SAMPLE_OF_WHEN.get(language, SAMPLE_OF_WHEN["en"])
                for name in messages:
                    yield Answer(name, language, country, render((name,), messages, values), values)

    def at_home(self) -> Iterator[Answer]:
        """Only as people of the programme's own country would get them."""
        return self._answers((self.home_country,))

    def fully_filled(self) -> Iterator[Answer]:
        """At home, each message once: with every line that may be named."""
        for language, messages in self.everything.messages.items():
            for name in messages:
                text = at_its_fullest(name, language, self.everything)
                yield Answer(name, language, self.home_country, text, {})


def at_its_fullest(name: str, language: Language, playbook: Playbook) -> str:
    """As a phone in the programme's country shows it when every help line answers: the same on any day."""
    values = playbook.values(playbook.programme.country, language, None)
    values["when"] = SAMPLE_OF_WHEN.get(language, SAMPLE_OF_WHEN["en"])
    values["centers"] = playbook.centers.said(playbook.centers.ids[:NAMED], language)
    return render((name,), playbook.messages[language], values)


@dataclass(frozen=True, slots=True)
class Answer:
    """One message, rendered for somebody in a country."""

    name: str
    language: Language
    country: str
    text: str
    values: dict[str, str]

    def mistake(self, what: str, mend: str, line: int = 1) -> Mistake:
        return Mistake(file_of(self.name, self.language), line, "", what, mend)

    def says(self, placeholder: str) -> bool:
        """Whether the value of that placeholder stands in the text, with a capital letter or without."""
        value = self.values.get(placeholder, "")
        return bool(value) and value.casefold() in self.text.casefold()

    def says_crisis_line(self, text: str) -> bool:
        """Whether a part of the text has the country's crisis line, or its crisis line by text alone."""
        lines = (self.values.get(one, "") for one in ("crisis", "crisis_brief", "other_line", "text_line"))
        return any(line and line.casefold() in text.casefold() for line in lines)
