"""From what people type to words and marks: folding, splitting, language. Knows letters, not what words mean."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from operator import add, sub
from typing import Final

STOP: Final = "."
"""The mark that ends a sentence."""
PAUSE: Final = ","
"""A comma, a dash, a bracket: read over, nobody means an end by it."""
BREAK: Final = "\n"
"""A line's end or an ellipsis: some end a sentence with it, some only breathe."""
MARKS: Final = frozenset({STOP, PAUSE, BREAK})
MOST_EMOJI: Final = 3
"""Of one emoji in a row; a hundred say no more."""
MOST_SIGNS: Final = 256
"""Emoji and marks that are read of one text; a long letter has fewer."""

LEET: Final = str.maketrans("013457@$!|€£^#%~_", "oieastasiiel*****")
"""What digits and symbols stand for inside a word. "1" and "!" are "l" as often as "i": who reads tries both."""
_LEET_L: Final = LEET | str.maketrans("1!|", "lll")
_SYMBOLS = "*@$!|€£^#%~_"
"""Those that may stand inside a word; for use in a set of a pattern."""


# Letters of other alphabets, and small capitals, that are drawn like a Latin one.
_LOOK_ALIKES = dict(
    zip(
        "авекмнорстухѕіјԛԝһӏԁԍαεικνορτυχϲϳɑɡıłøđħŧᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
        "abekmhopctyxsijqwhldgaeikvoptuxcjagilodhtabcdefghijklmnoprstuvwyz",
        strict=True,
    )
)
_APOSTROPHES = "'’‘ʼ＇`´′‛"
_MEANT_AS = {
    **dict.fromkeys(_APOSTROPHES, "'"),
    **dict.fromkeys("\n\r\v\f\x85\u2028\u2029…", BREAK),
    "¿": " ",
    # Like "|" it is an "i" inside a word, and nothing before one.
    "¡": "|",
    "\t": " ",
    "æ": "ae",
    "œ": "oe",
    # The replacement and object characters stand where a phone dropped something.
    "\ufffc": " ",
    "\ufffd": " ",
}
# Enclosed capitals that Unicode does not decompose: negative circled, negative squared, regional indicators.
_ENCLOSED_A = (0x1F150, 0x1F170, 0x1F1E6)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_LONGEST_CACHE = 4096


class _Folds(dict[int, str]):
    """Character → what it is read as, found on first use. Bounded, so that no sender can fill the memory."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if len(self) < _LONGEST_CACHE:
            self[code] = folded
        return folded


def _fold(char: str) -> str:
    if char in _MEANT_AS:
        return _MEANT_AS[char]
    for first in _ENCLOSED_A:
        if first <= ord(char) < first + 26:
            return chr(ord("a") + ord(char) - first)
    if ord(char) in _SKIN_TONES:
        return ""
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf", "Cc"):
        return ""
    if category in ("Zs", "Cs", "Co", "Cn"):
        return " "
    decomposed = unicodedata.normalize("NFKD", char).casefold()
    kept = "".join(part for part in decomposed if not unicodedata.combining(part))
    return "".join(_LOOK_ALIKES.get(part, part) for part in kept)


_FOLDS = _Folds()


# One pass, each branch linear: a symbol inside a word belongs to it (k!ll, s*icide, don't), one outside does not,
# unless stars stand for all its other letters (k***, d**).
_PIECES = re.compile(
    rf"[@$]?[^\W_]+(?:(?:'|[{_SYMBOLS}]{{1,3}})[^\W_]+)*"
    r"(?:(?:\*{3,}|(?<![^\W_][^\W_])\*\*)(?![^\W_]))?"
    r"|\.{2,}|\n+"
    r"|[.!?]+"
    r"|[,;:()\"“”«»/\\–—-]"
    r"|[^\w\s\x00-\x7f]"
)
_ROW_OF_EMOJI = re.compile(rf"([^\w\s\x00-\x7f“”«»–—{_SYMBOLS}])\1{{{MOST_EMOJI},}}")
_SYMBOLS_INSIDE = re.compile(rf"[{_SYMBOLS}]+")


class _Signs(dict[str, str]):
    """A piece without letters → the mark that it is, or itself where it is an emoji. Rows of marks are not kept."""

    def __missing__(self, piece: str) -> str:
        if len(piece) == 1:
            return piece
        if piece.startswith(("..", "\n")):
            return BREAK
        return STOP if piece[0] in ".!?" else piece


_SIGNS = _Signs({**dict.fromkeys(',;:()"“”«»/\\–—-', PAUSE), **dict.fromkeys(".!?", STOP), "\n": BREAK})


class Typed:
    """Words, emoji and marks in the order they were typed. A word keeps symbols inside it and loses its apostrophes."""

    __slots__ = ("_gaps", "_origins", "_pieces", "_starts", "_text", "folded", "words")

    def __init__(self, text: str) -> None:
        self._text = text
        self.folded = decoded(text).translate(_FOLDS)
        if self.folded.isascii():
            pieces = _PIECES.findall(self.folded)
        else:
            pieces = _PIECES.findall(_ROW_OF_EMOJI.sub(r"\1" * MOST_EMOJI, self.folded))
        if len(pieces) > MOST_SIGNS or not self.folded.isascii():
            pieces = _worth_reading(pieces)
        words = [piece if piece[0].isalnum() else _SIGNS[piece] for piece in pieces]
        if "'" in self.folded:
            words = [word.replace("'", "") for word in words]
        self.words = words
        """None of them empty."""
        self._pieces = pieces
        # Where words stood is worked out when first asked for: most texts never are.
        self._starts: list[int] | None = None
        self._gaps: list[int] | None = None
        self._origins: Sequence[int] | None = None

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where the words from `first` to `last` stood: `text[start:end]`."""
        if decoded(self._text) is not self._text:
            return 0, len(self._text)
        if self._origins is None:
            self._origins = range(len(self._text)) if self._folded_one_by_one() else _origins(self._text)
        starts = self._found_again()
        end = starts[last] + len(self._pieces[last])
        return self._origins[starts[first]], self._origins[end - 1] + 1

    @property
    def gaps(self) -> list[int]:
        """How many characters that are read stand before each word, and after all of them more than anywhere."""
        if self._gaps is None:
            starts = self._found_again()
            ends = map(add, starts, map(len, self._pieces))
            self._gaps = [*map(sub, starts, chain((0,), ends)), len(self.folded) + 1]
        return self._gaps

    def _found_again(self) -> list[int]:
        """Where each word begins in the folded text."""
        if self._starts is None:
            folded, end = self.folded, 0
            self._starts = []
            for piece in self._pieces:
                # Nothing between two pieces can be taken for the beginning of one.
                start = folded.index(piece, end)
                self._starts.append(start)
                end = start + len(piece)
        return self._starts

    def _folded_one_by_one(self) -> bool:
        """Whether each character was read as one, so that both texts count alike."""
        if len(self.folded) != len(self._text):
            return False
        return self._text.isascii() or all(len(_FOLDS[ord(char)]) == 1 for char in set(self._text))


def _origins(text: str) -> list[int]:
    """Where each folded character came from; most are read as one, but some as two or none."""
    return [at for at, char in enumerate(text) for _ in _FOLDS[ord(char)]]


def _worth_reading(pieces: Iterable[str]) -> list[str]:
    """All, but of emoji and marks no more than anybody means something by."""
    kept: list[str] = []
    before, in_a_row, signs = "", 0, 0
    for piece in pieces:
        if not piece[-1].isalnum() and not piece[0].isalnum():
            if signs == MOST_SIGNS:
                continue
            in_a_row = in_a_row + 1 if piece == before else 1
            if in_a_row > MOST_EMOJI and _SIGNS[piece] not in MARKS:
                continue
            signs += 1
        before = piece
        kept.append(piece)
    return kept


def words(text: str) -> tuple[str, ...]:
    """Plain words alone, for keywords: no marks, no emoji, symbols split off, letters typed thrice or more once."""
    found: list[str] = []
    for word in Typed(text).words:
        if word.isalnum():
            found.append(unstretched(word))
        elif word[0].isalnum() or word[-1].isalnum():
            found.extend(unstretched(part) for part in _SYMBOLS_INSIDE.split(word) if part)
    return tuple(found)


_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


def unstretched(word: str, keep: int = 1) -> str:
    """`word` with each run of three or more of one letter cut to `keep`: "stooop" → "stop"."""
    if len(word) < 3:
        return word
    return _STRETCHED.sub(lambda run: run.group(1) * keep, word)


def unleeted(word: str) -> tuple[str, ...]:
    """What a word with digits or symbols in it may stand for, likeliest first; `*` is left in, for any letter."""
    first = word.translate(LEET)
    second = word.translate(_LEET_L)
    return (first,) if first == second else (first, second)


# A carrier may hand a long text over as base64 of all of it (seen with concatenated SMS turned into MMS).
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
_SHORTEST_BASE64 = 24


def decoded(text: str) -> str:
    """The text itself, or what it says where all of it is base64 of something readable."""
    if len(text) < _SHORTEST_BASE64 or " " in text.strip() or not _BASE64.fullmatch(text):
        return text
    packed = "".join(text.split())
    if len(packed) % 4:
        return text
    try:
        plain = base64.b64decode(packed, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return text
    return plain if _reads_like_text(plain) else text


def _reads_like_text(plain: str) -> bool:
    ordinary = sum(char.isalpha() or char.isspace() for char in plain)
    return " " in plain and ordinary * 10 >= len(plain) * 8


def with_one_letter_less(word: str) -> list[str]:
    """The word and each word that dropping one letter makes: two words one edit apart share one of them."""
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]


def edit_distance_at_most_one(a: str, b: str) -> bool:
    """Whether one letter added, dropped, changed or swapped with its neighbour (or nothing) makes `a` into `b`."""
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    rest_a, rest_b = a[head:], b[head:]
    if len(a) != len(b):
        return rest_a[1:] == rest_b or rest_a == rest_b[1:]
    swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    return swapped or rest_a[1:] == rest_b[1:]


# Small words that one language has and the other has not; those that both write (no, me, a, he, son) tell nothing.
_ENGLISH_WORDS = (
    "the i im ive ill id you u your ur my is it its and to of in that for on with at this be are was were not dont "
    "cant want wanna need help what how why who when where can could would should do does did have has had got get "
    "just so but if or from they she we her his him them our there here all any some more about going gonna think feel "
    "know am been being will please pls hi hello hey thanks thank stop start yes yeah ok menu text call tell talk life "
    "die dying kill killing myself suicide suicidal hurt cut pills drunk find near much many kids mom dad"
)
_SPANISH_WORDS = (
    "el la los las un una unos unas de del y que q en con por para pero porque xq pq como cuando donde quien mi mis tu "
    "tus su sus yo ella ellos nosotros es esta estan estoy estas soy eres somos fue era hay tengo tiene tienes quiero "
    "kiero quiere quisiera puedo puede necesito ayuda ayudame hola buenas buenos dias noches tardes gracias si ya muy "
    "mas nada nadie todo toda todos siempre nunca hoy ayer manana ahora ahorita vivir morir morirme matar matarme vida "
    "muerte miedo dolor casa hijo hija mama papa esposo novio marido se le les lo al sin sobre voy vas va vamos hacer "
    "aqui alla solo tambien ni porfa bien mal dice dijo pastillas suicidio suicidarme suicida pega pego corto alto "
    "baja parar cortarme auxilio"
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_SPANISH = frozenset(_SPANISH_WORDS.split())


def language_of(said: Collection[str]) -> str | None:
    """ "en" or "es", whichever has more of its small words among these; None where neither has."""
    english = sum(word in _ENGLISH for word in said)
    spanish = sum(word in _SPANISH for word in said)
    if english == spanish:
        return None
    return "en" if english > spanish else "es"
