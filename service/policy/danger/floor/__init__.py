"""The built-in floor: what every Nightlight recognises, in each language. Operators add to it, nobody takes from it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from service.policy.danger.grammar import Classes, Combination, Grammar, Pattern
from service.policy.danger.notation import Pieces, lines, read_classes, read_rules, read_spellings
from service.policy.danger.weights import Table, read_table

LANGUAGES = ("en", "es")
GAP_STOPS = "gap_stop"
"""The class of words that begin something new: no gap reaches over them."""
WITH_S = "with_s"
"""The class of persons who are also read without an "s" behind them, which may be "is", "has" or theirs."""
_HERE = Path(__file__).parent


@cache
def load() -> Grammar:
    """The grammar of all languages together: people mix them within one sentence."""
    classes: dict[str, Classes] = {}
    spellings: dict[str, tuple[str, ...]] = {}
    rules: list[Pattern | Combination] = []
    for language in LANGUAGES:
        folder = _HERE / language
        classes[language] = read_classes(_joined(folder, "*.classes"), language)
        pieces = Pieces(classes[language])
        said = {**_with_s(classes[language]), **read_spellings(_joined(folder, "*.spellings"))}
        for typed, meant in said.items():
            spellings[typed] = (*spellings.get(typed, ()), *meant)
        for file in sorted(folder.glob("*.rules")):
            rules.extend(read_rules(file.read_text("utf-8"), language, pieces))
    return Grammar(
        classes,
        spellings,
        patterns=tuple(rule for rule in rules if isinstance(rule, Pattern)),
        combinations=tuple(rule for rule in rules if isinstance(rule, Combination)),
    )


def _with_s(classes: Classes) -> dict[str, tuple[str, ...]]:
    return {f"{person}s": (person,) for person in classes[WITH_S].words} if WITH_S in classes else {}


def everyday_words() -> frozenset[str]:
    """Words that mean themselves, however near to one of the floor's. Nobody guesses at them."""
    return _listed("*.words")


def mended_words() -> frozenset[str]:
    """Words that are read through one slip of the finger."""
    return _listed("*.mended")


def weights() -> list[Table]:
    """What words weigh where no rule speaks: a table for each language."""
    return [read_table((_HERE / language / "learnt.weights").read_text("utf-8")) for language in LANGUAGES]


def _listed(files: str) -> frozenset[str]:
    sources = (_joined(_HERE / language, files) for language in LANGUAGES)
    return frozenset(word for source in sources for _, line in lines(source) for word in line.split())


def _joined(folder: Path, files: str) -> str:
    return "\n".join(file.read_text("utf-8") for file in sorted(folder.glob(files)))
