"""Whether a text is in a language that the line does not speak: by its script, or by small words of a few others."""

from __future__ import annotations

import unicodedata

from service.policy.text import language_of, words

FEWEST_LETTERS = 2

# What people of the US speak most after English and Spanish, where it is written with Latin letters. Only words that
# neither of the two has; without accents, as words are compared.
_FOREIGN = frozenset(
    "je suis vous est pas une les des avec pour dans moi aide besoin bonjour merci veux peux mourir "  # French
    "eu voce estou nao preciso ajuda obrigado obrigada minha meu quero muito uma isso "  # Portuguese
    "mwen ou pa nan bezwen ede bonswa mesi tanpri ki "  # Haitian
    "toi khong muon cua giup cam giua duoc xin "  # Vietnamese
    "ako kailangan ng tulong salamat hindi gusto ang po ko "  # Tagalog
    "ich bin nicht und das ist hilfe brauche bitte danke kann mir "  # German
    "sono ho bisogno aiuto che grazie ciao vorrei voglio "  # Italian
    "jestem nie potrzebuje pomocy prosze chce".split()  # Polish
)
_ENOUGH = 2


def is_foreign(text: str) -> bool:
    """A text of mostly other letters than Latin ones, or of mostly words of another language than ours."""
    letters = [char for char in text if char.isalpha()]
    others = sum(not unicodedata.name(char, "").startswith(("LATIN", "FULLWIDTH LATIN", "MATH")) for char in letters)
    if len(letters) >= FEWEST_LETTERS and others * 2 > len(letters):
        return True
    said = words(text)
    foreign = sum(word in _FOREIGN for word in said)
    return foreign >= _ENOUGH and (foreign * 2 > len(said) or language_of(said) is None)
