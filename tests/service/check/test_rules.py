"""Each rule of the linter, broken once in a copy: the break is seen and named where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from service.check import RULES, additions, banners, centers, check, directory, main, signatures, vocabulary, wording
from service.check.subject import Subject
from service.playbook import Mistake
from service.settings import CHECKOUT
from tests.homes import edited, on_disk, rewritten, shipped
from tests.service.check.plan_breaks import PLAN_BREAKS

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
EN, ES = "templates/messages/en/", "templates/messages/es/"
CENTERS = "config/centers.yaml"
APPROVALS = "config/approvals.yaml"
KEYWORDS, HELPLINES = "config/keywords.yaml", "config/helplines.yaml"


def with_notice(text: str, until: str = "2026-12-01T00:00-05:00") -> dict[str, bytes]:
    head = f"notices:\n  - id: snow\n    from: 2026-11-20T00:00-05:00\n    until: {until}\n    text:\n      "
    return rewritten("config/notices.yaml", f"{head}{text}\n")


def without_spanish_keywords(topic: str) -> dict[str, bytes]:
    before, mark, after = shipped()[KEYWORDS].decode().partition(f"\n  {topic}:\n")
    return rewritten(KEYWORDS, before + mark + re.sub(r"^      es: .*\n", "", after, count=1, flags=re.MULTILINE))


Rule = Callable[[Subject], Iterator[Mistake]]


def found(rule: Rule, snapshot: dict[str, bytes], *, production: bool = False) -> list[str]:
    subject = Subject.of(snapshot, NOW, production=production)
    return [str(mistake) for mistake in rule(subject)]


def test_the_shipped_files_hold_to_every_rule() -> None:
    assert [str(mistake) for mistake in check(CHECKOUT, production=False, now=NOW) if not mistake.warning] == []


BREAKS = [
    (wording.crisis_line_first, rewritten(EN + "stop.txt", "a " * 80 + "\n{Crisis}."), "stop.txt:1: has no crisis line in its"),
    (wording.crisis_line_first, rewritten(ES + "fallback.txt", "{menu}\n{Crisis}."), "es/fallback.txt:1: has no crisis line"),
    (wording.crisis_line_first, rewritten(ES + "empty.txt", "Aquí no se pueden leer fotos ni audios. {Crisis}."), "es/empty.txt:1: has no crisis"),
    (wording.crisis_line_somewhere, rewritten(EN + "joke.txt", "Ha."), "joke.txt:1: names no crisis line in US"),
    (wording.emergency_number_early, rewritten(EN + "danger-medical-imminent.txt", "{Crisis}." + "a " * 80 + "{emergency}"),
     "has {emergency} after 153 characters"),
    (wording.emergency_number_early, rewritten(EN + "danger-abuse-crisis.txt", "{Crisis}."), "does not say {emergency}"),
    (wording.within_segments, rewritten(EN + "about.txt", "{Crisis}." + "a " * 160), "about.txt:1: takes 3 segments"),
    (wording.within_segments, rewritten(ES + "about.txt", "{Crisis}." + "í " * 100), "es/about.txt:1: takes 4 segments"),
    (wording.with_introduction_and_offer, rewritten(EN + "offer-check_in.txt", "Reply YES. " * 40), "with introduction and offer"),
    (wording.easy_to_read, rewritten(EN + "glad.txt", "Psychological deterioration necessitates immediate intervention. {Crisis}."),
     "en/glad.txt:1: is hard to read (Flesch-Kincaid grade 20."),
    (wording.easy_to_read, rewritten(ES + "glad.txt", "Inmediatamente comunícate telefónicamente con profesionales. {Crisis}."),
     "es/glad.txt:1: is hard to read (Fernández-Huerta "),
    (wording.gsm7_where_promised, edited(EN + "thanks.txt", "You're", "You’re"), "thanks.txt:1: '’' (U+2019) makes every"),
    (wording.forbidden_wording, rewritten(EN + "glad.txt", "They committed suicide. {Crisis}."), "says 'committed suicide'"),
    (wording.forbidden_wording, rewritten(EN + "glad.txt", "{Crisis}.\nPut the gun away."), "glad.txt:2: says 'gun'"),
    (wording.forbidden_wording, rewritten(EN + "glad.txt", "I am here. {Crisis}."), "says 'I am'"),
    (wording.forbidden_wording, rewritten(EN + "glad.txt", "Reply STOP to end this chat. {Crisis}."), "STOP opts out"),
    (wording.forbidden_wording, rewritten(EN + "glad.txt", "Reply END to go back. {Crisis}."), "says 'Reply END'"),
    (wording.forbidden_wording, rewritten(ES + "glad.txt", "STOP para terminar la charla. {Crisis}."), "says 'STOP para terminar'"),
    (wording.numbers_stand_in_one_place, rewritten(EN + "glad.txt", "{Crisis}.\nOr 1-800-273-8255."),
     "en/glad.txt:2: has the number 1-800-273-8255"),
    (wording.forbidden_wording, rewritten(EN + "glad.txt", "We'll never tell. {Crisis}."), "Promise no secrecy"),
    (wording.forbidden_wording, rewritten(ES + "glad.txt", "Estoy aquí. {Crisis}."), "es/glad.txt:1: says 'Estoy aquí'"),
    (wording.concern_begins_with_if, edited(EN + "danger-suicide-concern.txt", "If part", "A part"), "does not begin with 'If'"),
    (wording.no_borrowed_voice, {**shipped(), EN + "danger-unsafe-crisis.txt": shipped()[EN + "danger-abuse-crisis.txt"]},
     "says the same as danger-"),
    (wording.short_code_with_a_call_number, rewritten(EN + "danger-abuse-crisis.txt", "Text START to 88788, or {emergency}."),
     "gives a short code and no number to call"),
    (wording.audited_texts_are_complete, edited(EN + "help.txt", "Msg&data rates may apply. ", ""), "lacks what carriers audit"),
    (wording.audited_texts_are_complete, edited(EN + "stop.txt", ", or {contact}", ""), "lacks {contact}"),
    (wording.audited_texts_are_complete, edited(ES + "stop-quit.txt", "no recibirás más mensajes", "adiós"), "lacks what carriers"),
    (wording.audited_texts_are_complete, edited(EN + "offer-check_in.txt", "STOP ends it.", ""), "lacks what carriers audit"),
    (wording.series_lead_on, edited(EN + "topic-pain-1.txt", "MORE: what helps", "What helps"), "does not say what MORE brings"),
    (wording.series_lead_on, edited(EN + "topic-pain-5.txt", "See also GROUPS, DEPRESSION, MEDS.", "See also GRUOPZ."),
     "is the last part and leads nowhere"),
    (vocabulary.one_word_one_place, edited(KEYWORDS, "opioids, opioid, opiates, opiate", "opioids, menu, opiates, opiate"), "'menu' belongs to topic:opioids"),
    (vocabulary.one_word_one_place, edited(KEYWORDS, "        what is ptsd,", "        what is cbt,"), "'what is cbt' belongs to topic:therapy"),
    (vocabulary.one_word_one_place, edited(KEYWORDS, "        bipolar, BIPOLAR,", "        quit smoking,"),
     "'quit smoking' belongs to topic:addiction"),
    (vocabulary.every_keyword_leads_home, edited(KEYWORDS, " menu, topics, topic", " i want to die, topics"),
     "'i want to die' lands at danger:suicide"),
    (vocabulary.every_keyword_leads_home, edited(KEYWORDS, " menu, topics, topic", " please stop texting me, topics"),
     "'please stop texting me' lands at carrier:stop"),
    (vocabulary.no_keyword_is_nearly_a_carriers, edited(KEYWORDS, " menu, topics, topic", " stopp, topics"),
     "'stopp' is one letter from 'stop'"),
    (vocabulary.every_topic_is_reached, without_spanish_keywords("dual"), "topics.dual: no keyword in es leads here"),
    (vocabulary.examples_land, edited(KEYWORDS, "- what is self harm", "- where is the bus stop"), "'where is the bus stop' lands at"),
    (vocabulary.examples_land, edited(KEYWORDS, "not: [what is dbt,", "not: [why do people self harm,"), "self harm' lands here"),
    (directory.numbers_can_be_dialled, edited(HELPLINES, "1-800-799-7233", "1-800-799-723"), "1-800-799-723 cannot be dialled"),
    (directory.numbers_can_be_dialled, edited(HELPLINES, "call 988 by videophone", "call by videophone"), "names none of the"),
    (directory.emergency_numbers_are_real, edited(HELPLINES, 'emergency: "999"', 'emergency: "998"'), "998 is no emergency number"),
    (directory.a_crisis_line_can_be_called, edited(HELPLINES, "- id: us-988\n", "- id: us-988\n        state: suspended\n        why: Down\n"),
     "us-988 is suspended: in US people are told to text HOME to 741741, and no line to call"),
    (directory.days_off_are_to_come, edited(HELPLINES, 'open: {mon-fri: "10:00-22:00"}', 'open: {mon-fri: "10:00-22:00"}, shut: [2025-12-25]'),
     "us-information was shut on 2025-12-25, which is over"),
    (directory.who_tried_it_says_when_again,
     edited(HELPLINES, "        core: true", "        core: true\n        verified_on: 2026-11-20\n        verified_by: Sam"),
     "us-988 does not say when within a year"),
    (directory.out_is_not_forgotten,
     edited(HELPLINES, "- id: us-abuse\n", "- id: us-abuse\n        state: down\n        why: Down\n        until: 2026-11-22T12:00-05:00\n"),
     "us-abuse was down until 2026-11-22 12:00, and is offered again"),
    (directory.numbers_can_be_dialled, edited(HELPLINES, "call: 988", "call: 1988"), "1988 cannot be dialled in US"),
    (directory.days_are_past, edited(HELPLINES, "source_seen_on: 2026-09-14", "source_seen_on: 2027-09-14"), "is still to come"),
    (directory.somebody_has_tried_it, shipped(), "us-abuse has not been tried by anybody: production does not print it"),
    (directory.nothing_is_stale, edited(HELPLINES, "        core: true", "        core: true\n        reverify_by: 2026-11-01"),
     "us-988 was to be tried again by 2026-11-01"),
    (directory.nothing_is_stale, edited(HELPLINES, "        core: true", "        core: true\n        reverify_by: 2027-01-20"),
     "us-988 is to be tried again by 2027-01-20"),
    (directory.somebody_answers_the_contact, shipped(), "help@nightlight.example reaches nobody"),
    (additions.no_phrase_fires_on_everybody,
     rewritten("config/danger.yaml", "additions:\n  - {phrase: want, level: crisis, kind: suicide, language: en}\n"),
     "config/danger.yaml:2: additions.0: fires on "),
    (centers.a_center_reaches_somebody, shipped(), "sample-riverbend is a sample, whose number reaches nobody"),
    (centers.a_center_reaches_somebody, edited(CENTERS, "1-212-555-0142", "1-212-155-0142"), "1-212-155-0142 cannot be dialled"),
    (centers.somebody_rang_the_center, edited(CENTERS, "1-212-555-0142", "1-212-555-1142"), "sample-riverbend has not been tried"),
    (centers.somebody_rang_the_center, edited(CENTERS, 'phone: 1-212-555-0142', 'phone: 1-212-555-1142\n    verified_on: 2026-01-01\n'
     '    verified_by: Sam\n    reverify_by: 2026-11-21'), "or not again in time"),
    (centers.a_center_is_where_it_says, edited(CENTERS, '"10027"', '"99999"'), "centers.0.zip: 99999 is no ZIP code"),
    (centers.a_helpline_says_who_answers, edited(CENTERS, "    answered_by: Second Morning Inc\n", ""), "does not say who answers"),
    (centers.named_centers_fit, edited(CENTERS, "Second Morning Inc", "Second Morning Inc " * 9), "takes 4 segments"),
    (banners.a_banner_is_one_segment, with_notice("en: " + "Snow. " * 30 + "\n      es: Nieve."), "config/notices.yaml:6: notices.0.text.en: takes 2"),
    (banners.a_banner_is_one_segment, with_notice("en: Snow.\n      es: " + "Mañana más. " * 6), "notices.0.text.es: takes 2 segments (71 units of UCS-2)"),
    (banners.a_banner_ends, with_notice("en: Snow.\n      es: Nieve.", until="2026-11-22T12:59-05:00"), "snow is over, and shown to nobody"),
    (wording.forbidden_wording, with_notice("en: I am here.\n      es: Nieve."), "config/notices.yaml:1: says 'I am'"),
    (signatures.somebody_stands_by_it, shipped(), "config/approvals.yaml:1: "),
    (signatures.somebody_stands_by_it, rewritten(APPROVALS, "approvals:\n  en/help: {on: soon, by: Sam, sha256: abc}\n"),
     "config/approvals.yaml:2: approvals.en/help.on: 'soon' does not fit"),
    (signatures.no_signature_without_a_text, rewritten(APPROVALS, f"approvals:\n  en/hlep: {{on: 2026-11-20, by: Sam, sha256: {'0' * 64}}}\n"),
     "config/approvals.yaml:1: approvals.en/hlep: no text has this name"),
    *PLAN_BREAKS,
]  # fmt: skip


@cache
def said_of_the_shipped_files() -> tuple[str, ...]:
    subject = Subject.of(shipped(), NOW, production=False)
    return tuple(str(mistake) for rule in RULES for mistake in rule(subject))


@pytest.mark.parametrize(
    ("rule", "snapshot", "expected"), BREAKS, ids=[f"{n}-{b[0].__name__}" for n, b in enumerate(BREAKS)]
)
def test_what_would_harm_somebody_is_named(rule: Rule, snapshot: dict[str, bytes], expected: str) -> None:
    said = found(rule, snapshot)

    assert any(expected in line for line in said), said
    assert snapshot == shipped() or not any(expected in line for line in said_of_the_shipped_files()), (
        "no break is needed"
    )


def test_every_rule_is_broken_at_least_once() -> None:
    assert set(RULES) == {rule for rule, *_ in BREAKS}


def test_an_untried_line_is_a_warning_in_development_and_a_mistake_in_production() -> None:
    for production in (True, False):
        untried = [mistake for mistake in check(CHECKOUT, production=production, now=NOW) if "tried" in mistake.what]

        assert untried
        assert {mistake.warning for mistake in untried} == {not production}


def test_a_suspended_988_is_one_mistake_and_not_hundreds(tmp_path: Path) -> None:
    entry = "- id: us-988\n"
    home = on_disk(tmp_path, edited(HELPLINES, entry, f"{entry}        state: suspended\n        why: Down\n"))

    mends = [mistake for mistake in check(home, production=False, now=NOW) if not mistake.warning]

    assert [mistake.key for mistake in mends] == ["countries.US.lines.0.id"]


def test_a_playbook_that_cannot_be_loaded_is_reported_like_any_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = on_disk(tmp_path, rewritten(EN + "joke.txt", ""))

    assert main(home, production=False) == 1
    assert f"{EN}joke.txt:1: the message is empty" in capsys.readouterr().out


def test_a_machine_reads_the_same_as_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    mends = main(CHECKOUT, production=True, as_json=True)

    mistakes = json.loads(capsys.readouterr().out)
    assert mends == 1
    assert {"file", "line", "key", "what", "mend", "warning"} == set(mistakes[0])
