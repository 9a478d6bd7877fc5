"""Short answers to what the line asked: yes, no, how somebody is, and texts that break off."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from service.policy.text import Typed

_YES = frozenset(
    "yes|y|yeah|yep|yup|yea|ya|yes please|ok yes|yes ok|sure|ok|okay|please|yes i do|yes thank you|yes thanks|"
    "si|si por favor|claro|dale|bueno|si gracias|simon|sip".split("|")
)
_NO = frozenset("no|n|nope|nah|no thanks|no thank you|not now|no gracias|ahora no|no quiero|nel".split("|"))


def is_yes(words: Sequence[str]) -> bool:
    return " ".join(words) in _YES


def is_no(words: Sequence[str]) -> bool:
    return " ".join(words) in _NO


class Mood(StrEnum):
    """How somebody answers a check-in."""

    WORST = "worst"
    LOW = "low"
    MIDDLING = "middling"
    GOOD = "good"
    BEST = "best"


_BY_NUMBER = dict(enumerate(Mood, start=1))
_NUMBERS = {
    **{str(number): number for number in _BY_NUMBER},
    **dict(zip("one two three four five".split(), _BY_NUMBER, strict=True)),
    **dict(zip("uno dos tres cuatro cinco".split(), _BY_NUMBER, strict=True)),
}
_EMOJI = {
    **dict.fromkeys("😀😃😄😁🌞🎉🥳💪", Mood.BEST),
    **dict.fromkeys("👍🙂😊☺😌🙏❤💛💚💙✅", Mood.GOOD),
    **dict.fromkeys("😐😶🤷😕🫤", Mood.MIDDLING),
    **dict.fromkeys("👎😞😔😟🙁☹😣😥", Mood.LOW),
    **dict.fromkeys("😖😫😩😢😭💔🥺😰", Mood.WORST),
}
_WORST = frozenset(
    "worse worst awful terrible horrible shit shitty hopeless numb crying peor fatal horrible fatales llorando "
    "desesperada desesperado".split()
)
_LOW = frozenset(
    "bad rough sad alone scared tired exhausted struggling low down mal triste sola solo cansada cansado".split()
)
_MIDDLING = frozenset("same meh eh alright surviving idk hanging igual regular masomenos ahi".split())
_GOOD = frozenset("good better fine ok okay okey well bien mejor".split())
_BEST = frozenset("great amazing happy wonderful awesome fantastic excellent genial contenta contento feliz".split())
_NOT = frozenset("not no isnt aint never tampoco nada".split())
_MIDDLING_PHRASES = ("so so", "mas o menos", "not bad", "not great", "could be better", "hanging in")


def mood_of(text: str, words: Sequence[str]) -> Mood | None:
    """What the answer to a check-in says; None where it says nothing of the kind. The lowest word counts."""
    if len(words) == 1 and words[0] in _NUMBERS:
        return _BY_NUMBER[_NUMBERS[words[0]]]
    if any(phrase in " ".join(words) for phrase in _MIDDLING_PHRASES):
        return Mood.MIDDLING
    moods = _moods_of_words(words) | {_EMOJI[word] for word in Typed(text).words if word in _EMOJI}
    return next((mood for mood in Mood if mood in moods), None)


def _moods_of_words(words: Sequence[str]) -> set[Mood]:
    moods = set()
    for place, word in enumerate(words):
        negated = bool(_NOT & set(words[max(0, place - 2) : place]))
        if word in _GOOD | _BEST:
            moods.add(Mood.WORST if negated else Mood.BEST if word in _BEST else Mood.GOOD)
        elif word in _WORST | _LOW:
            moods.add(Mood.MIDDLING if negated else Mood.WORST if word in _WORST else Mood.LOW)
        elif word in _MIDDLING:
            moods.add(Mood.MIDDLING)
    return moods


# A text that ends so goes on in the next one.
_OPEN_ENDINGS = frozenset(
    "to the i im ive going gonna want wanna and but my a because cuz bc if that with think "
    "que de a y pero porque mi estoy voy quiero con".split()
)
LONGEST_HALF = 12


def half_said(words: Sequence[str]) -> bool:
    """Whether the text breaks off: people send a thought in pieces."""
    return 0 < len(words) <= LONGEST_HALF and words[-1] in _OPEN_ENDINGS
