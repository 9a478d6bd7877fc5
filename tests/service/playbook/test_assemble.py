"""What operators write becomes one playbook, or every mistake at its line; nothing in between."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from service.playbook import PlaybookError
from service.playbook.assemble import build, release_of
from service.policy.conversation import Kind, Language
from service.policy.programme import Playbook
from service.settings import CHECKOUT
from tests.homes import edited, rewritten, shipped

CRISIS = "templates/messages/en/danger-suicide-crisis.txt"


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    return build(shipped(), production=False)


NOTICE = """\
notices:
  - id: snow
    from: 2026-11-20T00:00-05:00
    until: 2026-12-01T00:00-05:00
    text: {en: Snow, es: Nieve}
"""


ADDED = "additions:\n  - {phrase: off the old bridge, level: crisis, kind: suicide, language: en}\n"
REFUSED = "additions:\n  - {phrase: off the old bridge, level: none, kind: suicide, language: en}\n"


def mistakes(snapshot: dict[str, bytes]) -> list[str]:
    with pytest.raises(PlaybookError) as refused:
        build(snapshot, production=False)
    return [str(mistake) for mistake in refused.value.mistakes]


def test_the_shipped_playbook_speaks_english_and_spanish(playbook: Playbook) -> None:
    assert (Language("en"), Language("es")) == playbook.programme.languages
    assert playbook.messages[Language("en")].keys() ^ playbook.messages[Language("es")].keys() == {
        "language-en",
        "language-es",
    }


def test_who_only_sends_hears_nothing_and_refuses_what_a_listener_refuses() -> None:
    sending = build(rewritten("config/danger.yaml", ADDED), production=False, hears=False)

    with pytest.raises(RuntimeError, match="to send"):
        sending.recogniser.assess("i want to die")
    with pytest.raises(PlaybookError):
        build(rewritten("config/danger.yaml", REFUSED), production=False, hears=False)


def test_who_only_sends_does_not_build_what_hears() -> None:
    """In a process of its own: in this one somebody else may have built it."""
    program = (
        "import sys; from service.playbook.assemble import build; from tests.homes import rewritten; "
        f"build(rewritten('config/danger.yaml', {ADDED!r}), production=False, hears=False); "
        "sys.exit('service.policy.danger.builtin' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, timeout=60).returncode == 0


def test_every_number_of_the_menu_is_a_topic_with_a_first_part(playbook: Playbook) -> None:
    for name in playbook.menu:
        assert playbook.topics[name].parts >= 1
        assert f"topic-{name}-1" in playbook.messages[Language("es")]


def test_somebody_who_says_yes_gets_one_check_in_a_day_later(playbook: Playbook) -> None:
    plan = playbook.plans["check_in"]

    assert [timedelta(days=1)] == [step.delay for step in plan.steps]
    assert Kind.SUICIDE in plan.offered.after_danger
    assert Kind.ABUSE not in plan.offered.after_danger


def test_a_playbook_is_named_by_its_content(playbook: Playbook) -> None:
    reordered = dict(reversed(shipped().items()))

    assert playbook.release == release_of(reordered)
    assert len(playbook.release) == 12
    assert playbook.release != release_of(edited(CRISIS, "matters", "counts"))


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (edited("config/programme.yaml", "name: Nightlight", "nome: Nightlight"),
         ["config/programme.yaml:4: name: is missing", "config/programme.yaml:4: nome: is no key that is known here"]),
        (edited("config/programme.yaml", "[8, 21]", "[21, 8]"), ["config/programme.yaml:4: quiet_hours opens after it shuts"]),
        (edited("config/programme.yaml", "country: US", "country: US\ncountry: CA"),
         ["config/programme.yaml:8: country: stands here and on line 7"]),
        (rewritten("config/programme.yaml", "name: [Nightlight\n"), ["config/programme.yaml:2: is not YAML"]),
        (rewritten("config/programme.yaml", "just words"), ["config/programme.yaml:1: has no keys at its top"]),
        (edited("config/followups.yaml", "after: 1 day", "after: soon"),
         ["config/followups.yaml:23: plans.check_in.steps.0.after: is no span of time"]),
        (edited("config/followups.yaml", "on_danger: move", "on_danger: cancel"),
         ["plans.check_in: is offered after danger and is no check-in"]),
        (edited("config/followups.yaml", "offers: caring_longer", "offers: carring"), ["carring is no other plan"]),
        (edited("config/followups.yaml", "after_topics: [pain]", "after_topics: [pains]"), ["pains is no topic"]),
        (edited("config/followups.yaml", "{en: [caring]", "{en: [stop]"), ["'stop' belongs to the carriers"]),
        (edited("config/followups.yaml", "[suicide,", "[abuse,"),
         ["config/followups.yaml:18: plans.check_in.offered.after_danger: never after abuse"]),
        (edited("config/helplines.yaml", "source_seen_on: 2026-09-14", "source_seen_on: 2026-02-30"),
         ["config/helplines.yaml:36: countries.US.lines.0.source_seen_on: '2026-02-30' does not fit"]),
        (edited("config/helplines.yaml", "call: 988", 'call: "+1988"'),
         ["config/helplines.yaml:26: countries.US.lines.0.call: +1988 is no number"]),
        (edited("config/helplines.yaml", "mon-fri: \"10:00-18:00\"", "mon-fry: \"10:00-18:00\""), ["mon-fry are no days"]),
        (edited("config/helplines.yaml", "America/New_York", "America/Gotham"), ["America/Gotham is no time zone"]),
        (edited("config/helplines.yaml", "- id: us-abuse\n", "- id: us-abuse\n        state: down\n        why: Down\n"),
         ["a line that is down needs until"]),
        (edited("config/helplines.yaml", "- id: us-abuse\n", "- id: us-abuse\n        state: down\n        why: Down\n        until: 2026-11-30\n"),
         ["2026-11-30 is no moment. Write it like"]),
        (edited("config/helplines.yaml", "        core: true", "        until: 2026-11-30T12:00+00:00"),
         ["until is for what is down or withdrawn"]),
        (edited("config/helplines.yaml", "through: us-988", "through: us-998"), ["us-998 is no other line"]),
        (edited("config/helplines.yaml", "      - id: us-veterans", "      - id: us-abuse"), ["us-abuse stands twice"]),
        (edited("config/helplines.yaml", "        core: true", "        verified_on: 2026-11-20"),
         ["verified_on and verified_by belong together"]),
        (edited("config/keywords.yaml", "menu: [selfharm,", "menu: [selfharms,"),
         ["config/keywords.yaml:12: menu.0: selfharms is no topic"]),
        (edited("config/keywords.yaml", "menu, topics, topic,", "stop, topics, topic,"), ["'stop' belongs to the carriers"]),
        (edited("config/keywords.yaml", "menu, topics, topic,", "AYUDA, topics, topic,"), ["'ayuda' belongs to the carriers"]),
        (edited("config/keywords.yaml", "menu, topics, topic,", "7, topics, topic,"), ["'7' is a number of the menu"]),
        (edited("config/keywords.yaml", "menu, topics, topic,", "'...', topics, topic,"), ["holds no word"]),
        (edited("config/keywords.yaml", "related: [therapy, link, pain]", "related: [terapy]"), ["terapy is no other topic"]),
        (edited("config/keywords.yaml", "{en: Self-harm, es: Autolesión}", "{en: Self-harm}"), ["has no title in es"]),
        (edited("config/keywords.yaml", "reply: greeting", "reply: greetings"),
         ["there is no message greetings.txt", "en/greeting.txt:1: no reply has", "es/greeting.txt:1: no reply has"]),
        (edited(CRISIS, "{Crisis}", "{Crisys}"), [f"{CRISIS}:1: {{Crisys}} is no placeholder. Write {{crisis}}"]),
        (rewritten(CRISIS, "\n"), [f"{CRISIS}:1: the message is empty"]),
        (rewritten(CRISIS, "{Veterans}."), [f"{CRISIS}:1: every line may be dropped"]),
        ({**shipped(), CRISIS: b"ok\nCall \xff"}, [f"{CRISIS}:2: is not UTF-8"]),
        (rewritten("config/notices.yaml", NOTICE.replace("es: Nieve", "fr: Neige")), ["notices.0.text.es: has no text in es"]),
        (rewritten("config/notices.yaml", NOTICE.replace("Snow", "'{crisys}'")), ["notices.0.text.en: {crisys} is no placeholder"]),
        (rewritten("config/notices.yaml", NOTICE.replace("2026-12-01", "2026-11-01")), ["ends before it begins"]),
        (rewritten("config/notices.yaml", NOTICE + NOTICE.partition("\n")[2]), ["notices.1.id: snow stands twice"]),
        (edited("config/centers.yaml", "    states: [NY]\n", ""), ["centers.0: serves nobody"]),
        (edited("config/centers.yaml", "sample-hopewell", "sample-riverbend"), ["centers.1.id: sample-riverbend stands twice"]),
        (edited("config/centers.yaml", "listing: unpaid", "listing: free"), ["centers.0.listing: 'free' does not fit"]),
        (rewritten("templates/messages/en/greetng.txt", "Hi"), ["greetng.txt:1: no reply has this name"]),
        (rewritten("config/danger.yaml", "additions:\n  - {phrase: '', level: crisis, kind: suicide, language: en}\n"),
         ["config/danger.yaml:2: additions.0"]),
        (rewritten("config/danger.yaml", "additions:\n  - {phrase: to vanish, level: none, kind: suicide, language: en}\n"),
         ["config/danger.yaml:2: additions.0"]),
    ],
)  # fmt: skip
def test_what_an_operator_got_wrong_is_named_with_its_line(snapshot: dict[str, bytes], expected: list[str]) -> None:
    said = mistakes(snapshot)

    assert len(expected) == len(said), said
    assert all(part in line for part, line in zip(expected, said, strict=True)), said


@pytest.mark.parametrize("file", [CRISIS, "templates/messages/es/stop.txt", "templates/messages/en/topic-pain-3.txt",
                                  "templates/messages/es/danger-abuse-crisis-child.txt", "config/helplines.yaml"])  # fmt: skip
def test_nobody_is_left_without_an_answer_because_a_file_is_missing(file: str) -> None:
    snapshot = shipped()
    del snapshot[file]

    assert [f"{file}:1: is missing"] == [line.split(". ")[0] for line in mistakes(snapshot)]


def test_all_mistakes_are_named_at_once() -> None:
    snapshot = edited("config/programme.yaml", "country: US", "country: America")
    snapshot = edited("config/helplines.yaml", "hours: 24/7", "hours: always", snapshot)
    snapshot = edited("config/keywords.yaml", "menu: [", "menus: [", snapshot)

    assert {"programme.yaml", "helplines.yaml", "keywords.yaml"} == {
        line.split(":")[0].removeprefix("config/") for line in mistakes(snapshot)
    }


def test_a_word_stays_the_word_that_was_typed() -> None:
    snapshot = edited("config/keywords.yaml", "menu, topics, topic,", "no, on, 2026-01-01, topics, topic,")

    vocabulary = build(snapshot, production=False).vocabulary

    for typed in (("no",), ("on",), ("2026", "01", "01")):
        match = vocabulary.named(typed)
        assert match is not None
        assert match.entry.route == "menu"
