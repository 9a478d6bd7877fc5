"""Rules for what messages say and how long they are. Each takes the subject and gives mistakes; none knows another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from service.check.reading import measure
from service.check.subject import Answer, Subject
from service.playbook.messages import file_of
from service.playbook.mistakes import Mistake
from service.playbook.required import danger_of
from service.policy.conversation import DISCREET_KINDS, Level
from service.policy.replies import render
from service.policy.segments import count, not_gsm7, split

GSM7_LANGUAGES = frozenset({"en"})
MOST_SEGMENTS = {True: 2, False: 3}
"""By whether the language keeps to GSM-7. Where another country's numbers are longer, one more."""
FIRST_SEGMENT = 153
FEWEST_WORDS = 4

_IN_NEED = re.compile(
    r"danger-.*|concern-lead|stop(-.*)?|start|refused-.*|help|check_in-low|referral(-2)?"
    r"|fallback|empty|go_on|more-nothing|yes_nothing_open"
)
_ONLY_BESIDE_ANOTHER = re.compile(r"introduction(-brief)?|offer-.*|notice-.*")
_OPENS_WITH_IF = {"en": "If ", "es": "Si "}
_MORE = {"en": "MORE", "es": "MÁS"}

# Safe messaging: no method, no "committed", no promise of secrecy, no posing as a person, no STOP as an ordinary key.
_FORBIDDEN = {
    "en": (
        (r"commit(s|ted|ting)? suicide", "Say: died by suicide, or: attempt"),
        (r"(un)?successful attempt|failed attempt|epidemic", "Say: attempt, or: died"),
        (r"\b(guns?|nooses?|ropes?|razors?|blades?|knives|knife|bullets?|hang(ing)?|jump(ing)?)\b", "Name no method"),
        (r"we promise|keep (it|this) (a )?secret for you|never tell|won't tell anyone", "Promise no secrecy"),
        (r"\bI('m| am|'ll| will| care| hear| understand| know)\b|our counsel|we are here|we're here", "Pose as nobody"),
        (
            r"([Rr]eply|[Tt]ext|[Ss]end) (END|QUIT|CANCEL|INFO)\b|STOP to (?!cancel|stop|opt|unsubscribe)\w+",
            "That word belongs to the carriers: STOP opts out. Offer another",
        ),
    ),
    "es": (
        (r"comet(er|ió|ido) suicidio", "Di: murió por suicidio"),
        (r"intento (fallido|exitoso)|epidemia", "Di: intento"),
        (r"\b(pistolas?|armas?|sogas?|cuerdas?|navajas?|cuchillos?|ahorcar\w*|saltar)\b", "No nombres métodos"),
        (r"prometemos|no (se lo )?diremos a nadie", "No prometas secreto"),
        (r"\b(estoy aquí|te escucho|te entiendo|nuestros consejeros|estamos aquí)\b", "No finjas ser una persona"),
        (
            r"([Rr]esponde|[Ee]nvía) (END|QUIT|ALTO|PARAR|CANCELAR|INFO)\b|STOP para (?!no |cancelar|dejar|darte)\w+",
            "Esa palabra es de las compañías: STOP da de baja. Ofrece otra",
        ),
    ),
}
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')

# CTIA's parts of the texts that carriers audit, by reply.
_AUDITED = {
    "en": {
        "help": (r"STOP", r"msg ?& ?data rates may apply", r"\d+ msgs?/|msg frequency"),
        "stop": (r"unsubscribed", r"no more messages", r"HELP"),
        "stop-quit": (r"unsubscribed", r"no more messages", r"HELP"),
        "stop-request": (r"unsubscribed", r"no more messages", r"HELP"),
        "start": (r"STOP", r"HELP", r"msg ?& ?data rates may apply"),
    },
    "es": {
        "help": (r"STOP", r"pueden aplicar cargos", r"\d+ msj"),
        "stop": (r"baja", r"no recibirás más mensajes", r"AYUDA"),
        "stop-quit": (r"baja", r"no recibirás más mensajes", r"AYUDA"),
        "stop-request": (r"baja", r"no recibirás más mensajes", r"AYUDA"),
        "start": (r"STOP", r"AYUDA", r"pueden aplicar cargos"),
    },
}
_CONSENT = {"en": (r"STOP", r"msg ?& ?data rates may apply"), "es": (r"STOP", r"pueden aplicar cargos")}


def crisis_line_first(subject: Subject) -> Iterator[Mistake]:
    """Who is in need reads the crisis line in the first segment; the discreet voices may leave it out."""
    for answer in subject.at_home():
        needs = _IN_NEED.fullmatch(answer.name) and not _is_discreet(answer)
        if needs and not answer.says_crisis_line(split(answer.text)[0]):
            yield answer.mistake("has no crisis line in its first segment", "Move {crisis} to the top")


def crisis_line_somewhere(subject: Subject) -> Iterator[Mistake]:
    for answer in subject.answers():
        if _is_discreet(answer) or _ONLY_BESIDE_ANOTHER.fullmatch(answer.name):
            continue
        if not answer.says_crisis_line(answer.text):
            yield answer.mistake(
                f"names no crisis line in {answer.country}", "Add {crisis} on a line that always stays"
            )


def emergency_number_early(subject: Subject) -> Iterator[Mistake]:
    """Every voice of danger says it; where minutes count, in the first segment."""
    for answer in subject.answers():
        danger = danger_of(answer.name)
        if danger is None:
            continue
        if not answer.says("emergency"):
            yield answer.mistake("does not say {emergency}", "Say when to call {emergency}")
        at_home = answer.country == subject.home_country
        if at_home and danger[1] is Level.IMMINENT and answer.values["emergency"] not in answer.text[:FIRST_SEGMENT]:
            yield answer.mistake(f"has {{emergency}} after {FIRST_SEGMENT} characters", "Move {emergency} up")


def within_segments(subject: Subject) -> Iterator[Mistake]:
    for answer in subject.answers():
        most = MOST_SEGMENTS[answer.language in GSM7_LANGUAGES] + (answer.country != subject.home_country)
        size = count(answer.text)
        if size.segments > most:
            what = f"takes {size.segments} segments ({size.units} units) in {answer.country}"
            yield answer.mistake(what, f"Cut it to {most}")


def with_introduction_and_offer(subject: Subject) -> Iterator[Mistake]:
    """What a first danger text brings back, all together."""
    playbook = subject.everything
    for language, messages in playbook.messages.items():
        if language not in GSM7_LANGUAGES:
            continue
        values = playbook.values(subject.home_country, language, subject.now)
        for plan in playbook.plans.values():
            for name in messages:
                danger = danger_of(name)
                if danger and danger[0] in plan.offered.after_danger:
                    size = count(render((name, "introduction", f"offer-{plan.name}"), messages, values))
                    if size.segments > MOST_SEGMENTS[True] + 1:
                        what = f"with introduction and offer takes {size.segments} segments ({size.units} units)"
                        yield Mistake(file_of(name, language), 1, "", what, "Cut it")


def easy_to_read(subject: Subject) -> Iterator[Mistake]:
    """Sixth grade, as the shipped lines make it: who is frightened reads worse than usual."""
    for answer in subject.fully_filled():
        # The formulas are for passages: of two words each syllable would weigh a grade.
        level = measure(answer.text, answer.language) if len(answer.text.split()) >= FEWEST_WORDS else None
        if level is not None and not level.easy:
            yield answer.mistake(f"is hard to read ({level})", "Shorter sentences, shorter words: sixth grade")


def gsm7_where_promised(subject: Subject) -> Iterator[Mistake]:
    for file, data in subject.snapshot.items():
        if not any(file.startswith(f"templates/messages/{language}/") for language in GSM7_LANGUAGES):
            continue
        for number, row in enumerate(data.decode("utf-8").splitlines(), start=1):
            if dear := not_gsm7(row):
                named = ", ".join(f"{character!r} (U+{ord(character):04X})" for character in dear)
                yield Mistake(file, number, "", f"{named} makes every segment 70 characters long", "Use a plain one")


def numbers_stand_in_one_place(subject: Subject) -> Iterator[Mistake]:
    """A number typed into a message would be sent after config/helplines.yaml has taken it out."""
    for file, data in subject.snapshot.items():
        if file.startswith("templates/"):
            for number, row in enumerate(data.decode("utf-8").splitlines(), start=1):
                for found in re.findall(r"\d(?:-?\d){2,}", row):
                    yield Mistake(file, number, "", f"has the number {found}", "Write its placeholder, like {crisis}")


def forbidden_wording(subject: Subject) -> Iterator[Mistake]:
    for answer in subject.at_home():
        for number, row in enumerate(answer.text.split("\n"), start=1):
            said = _QUOTED.sub("", row)
            for pattern, mend in _FORBIDDEN.get(answer.language, ()):
                if found := re.search(pattern, said, re.IGNORECASE if "STOP" not in pattern else 0):
                    yield answer.mistake(f"says {found[0]!r}", mend, number)


def concern_begins_with_if(subject: Subject) -> Iterator[Mistake]:
    for answer in subject.at_home():
        danger = danger_of(answer.name)
        opening = _OPENS_WITH_IF.get(answer.language)
        if danger and danger[1] is Level.CONCERN and opening and not answer.text.startswith(opening):
            yield answer.mistake(f"does not begin with {opening.strip()!r}", "Concern asks; it never says: you are")


def no_borrowed_voice(subject: Subject) -> Iterator[Mistake]:
    """Each danger is answered in words of its own."""
    spoken: dict[tuple[str, str], str] = {}
    for answer in subject.at_home():
        if danger_of(answer.name):
            first = spoken.setdefault((answer.language, answer.text), answer.name)
            if first != answer.name:
                yield answer.mistake(f"says the same as {first}", "Give it words of its own")


def short_code_with_a_call_number(subject: Subject) -> Iterator[Mistake]:
    """Internet numbers cannot text five- and six-digit codes: whoever has one must find a number to call."""
    lines = [line for _, line in subject.everything.directory.lines()]
    codes = {line.text for line in lines if line.text.isdecimal() and len(line.text) in (5, 6)}
    calls = {line.call for line in lines if line.call}
    for answer in subject.answers():
        numbers = set(re.findall(r"\d[\d -]*\d", answer.text))
        # Who asks not to hear a number again was told it in the answer before.
        if numbers & codes and not numbers & calls and not answer.name.endswith("line_refused-2"):
            yield answer.mistake(
                "gives a short code and no number to call", "Add {crisis}, or a line with a call number"
            )


def audited_texts_are_complete(subject: Subject) -> Iterator[Mistake]:
    """CTIA's parts: HELP and STOP say who we are, how to reach us, what it costs, how to stop."""
    for answer in subject.at_home():
        needed: tuple[str, ...] = _AUDITED.get(answer.language, {}).get(answer.name, ())
        if answer.name.startswith(("offer-", "accepted-")):
            needed = _CONSENT.get(answer.language, ())
        for pattern in needed:
            if not re.search(pattern, answer.text, re.IGNORECASE):
                yield answer.mistake(f"lacks what carriers audit: {pattern}", "Add it")
        if answer.name in {"help", "stop", "stop-quit", "stop-request"}:
            for placeholder in ("programme", "contact"):
                if not answer.says(placeholder):
                    yield answer.mistake(f"lacks {{{placeholder}}}", "Carriers audit this text: add it")


def series_lead_on(subject: Subject) -> Iterator[Mistake]:
    """A part says what MORE brings; the last one names topics to go on with, by words that lead there."""
    playbook = subject.everything
    for answer in subject.at_home():
        match = re.fullmatch(r"topic-(.+)-(\d)", answer.name)
        if match is None:
            continue
        last = int(match[2]) == playbook.topics[match[1]].parts
        if not last and _MORE.get(answer.language, "") not in answer.text:
            yield answer.mistake("does not say what MORE brings", f"Add {_MORE[answer.language]}: …")
        if last and not any(_leads(word, subject) for word in re.findall(r"\b[A-ZÁÉÍÓÚÑ]{4,}\b", answer.text)):
            yield answer.mistake("is the last part and leads nowhere", "Name a related topic's keyword in capitals")


def _leads(word: str, subject: Subject) -> bool:
    match = subject.everything.vocabulary.named((word.casefold().translate(str.maketrans("áéíóú", "aeiou")),))
    return match is not None and match.entry.route not in ("menu", "more")


def _is_discreet(answer: Answer) -> bool:
    danger = danger_of(answer.name)
    return danger is not None and danger[0] in DISCREET_KINDS


RULES: tuple[Callable[[Subject], Iterator[Mistake]], ...] = (
    crisis_line_first,
    crisis_line_somewhere,
    emergency_number_early,
    within_segments,
    with_introduction_and_offer,
    easy_to_read,
    gsm7_where_promised,
    numbers_stand_in_one_place,
    forbidden_wording,
    concern_begins_with_if,
    no_borrowed_voice,
    short_code_with_a_call_number,
    audited_texts_are_complete,
    series_lead_on,
)
