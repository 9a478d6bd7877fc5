"""Somebody texts the line from the page, in a real browser, against the whole line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.policy import segments

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PICTURE = Path(__file__).parents[2] / "docs" / "phone.png"
ANSWERS = ".text:not(.mine)"


def say(page: Page, words: str) -> None:
    """By keyboard, and wait for the answer."""
    before = page.locator(ANSWERS).count()
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator(ANSWERS)).to_have_count(before + 1)


def press_until(page: Page, key: str, name: str) -> None:
    """Goes on with the key until the element of that name has the focus, as somebody without a mouse does."""
    for _ in range(40):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"{key} never came to {name}")


def the_focus(page: Page) -> str:
    """The id, or else the words, of what has the focus; fails where nobody would see that it has."""
    name, outlined = page.evaluate(
        """() => {
            const at = document.activeElement;
            const { outlineStyle, outlineWidth } = getComputedStyle(at);
            return [at.id || at.textContent.trim(), outlineStyle !== "none" && parseFloat(outlineWidth) >= 2];
        }"""
    )
    assert outlined, f"{name} does not show the focus"
    return str(name)


def test_somebody_types_and_reads_the_answer_and_why(phone: Page) -> None:
    say(phone, "heroin")
    answer = phone.locator(ANSWERS)
    expect(answer).to_contain_text("988")
    why = answer.locator(".why")
    expect(why).to_contain_text("none")
    expect(why).to_contain_text("topic:opioids")
    expect(why).to_contain_text("2 segments")
    expect(why.locator("dd").first).to_contain_text("keyword")
    expect(phone.get_by_label("Your text")).to_have_value("")
    expect(phone.get_by_label("Your text")).to_be_focused()


def test_a_danger_text_shows_its_level_in_words(phone: Page) -> None:
    say(phone, "i want to die")
    expect(phone.locator(ANSWERS)).to_contain_text("988")
    expect(phone.locator(".level.crisis")).to_have_text("crisis")
    expect(phone.locator(".route")).to_have_text("danger:suicide")


def test_a_check_in_is_planned_hurried_and_arrives_without_a_reload(phone: Page) -> None:
    say(phone, "talk")
    say(phone, "yes")
    expect(phone.locator("#planned li")).to_have_text(re.compile(r"^check in, (tomorrow|[a-z]+day).* time$"))
    press_until(phone, "Shift+Tab", "Hurry: send now")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Due now. It arrives within seconds.")).to_be_visible()
    follow_up = phone.locator(".follow-up")
    expect(follow_up).to_have_count(1)
    expect(follow_up).to_contain_text("It came without being asked for")
    expect(phone.get_by_text("Nothing is planned for this person.")).to_be_visible()
    expect(phone.get_by_label("Your text")).to_be_focused()  # the button that had the focus is gone


def test_a_follow_up_that_came_while_the_phone_was_closed_is_there_when_it_opens_and_once(phone: Page) -> None:
    say(phone, "talk")
    say(phone, "yes")
    url = phone.url
    expect(phone.locator("#hurry")).to_be_visible()
    phone.locator("#hurry").click()
    phone.goto("about:blank")
    phone.wait_for_timeout(1500)
    phone.goto(url)
    expect(phone.locator(".follow-up")).to_have_count(1)
    phone.reload()
    expect(phone.locator("#link")).to_have_text("The line is on")
    expect(phone.locator(".follow-up")).to_have_count(1)
    phone.get_by_role("button", name="Clear this conversation").press("Enter")
    phone.reload()
    expect(phone.locator("#link")).to_have_text("The line is on")
    say(phone, "heroin")
    expect(phone.locator(".follow-up")).to_have_count(0)


def test_everything_can_be_reached_in_order_by_keyboard_and_shows_where_it_is(phone: Page) -> None:
    say(phone, "heroin")
    expect(phone.get_by_label("Your text")).to_be_focused()
    phone.keyboard.press("Tab")
    assert the_focus(phone) == "send"
    passed = [the_focus(phone)]
    while passed[-1] != "Skip to your text" and len(passed) < 40:
        phone.keyboard.press("Shift+Tab")
        passed.append(the_focus(phone))
    order = ["Skip to your text", "theme", "person", "who", "new-person", "heroin", "STOP", "clear", "log", "picture"]
    assert [name for name in reversed(passed) if name in [*order, "text", "send"]] == [*order, "text", "send"]


def test_the_log_can_be_scrolled_by_keyboard(open_phone: Callable[..., Page]) -> None:
    phone = open_phone(height=480)
    for _ in range(3):
        say(phone, "heroin")
    phone.locator("#log").focus()
    bottom = phone.locator("#log").evaluate("log => log.scrollTop")
    phone.keyboard.press("Home")
    phone.wait_for_function("bottom => document.querySelector('#log').scrollTop < bottom", arg=bottom)


def test_shift_and_enter_begins_a_new_line(phone: Page) -> None:
    phone.keyboard.type("one")
    phone.keyboard.press("Shift+Enter")
    phone.keyboard.type("two")
    expect(phone.get_by_label("Your text")).to_have_value("one\ntwo")
    expect(phone.locator(".mine")).to_have_count(0)


def test_a_sample_is_put_into_the_field_and_not_sent_by_itself(phone: Page) -> None:
    press_until(phone, "Shift+Tab", "are you real")
    phone.keyboard.press("Enter")
    expect(phone.get_by_label("Your text")).to_be_focused()
    expect(phone.get_by_label("Your text")).to_have_value("are you real")
    expect(phone.locator(".mine")).to_have_count(0)


def test_a_picture_without_words_is_answered(phone: Page) -> None:
    phone.get_by_role("button", name="Send a picture without words").press("Enter")
    expect(phone.locator(".mine").get_by_text("A picture")).to_have_count(1)
    expect(phone.locator(ANSWERS)).to_have_count(1)


def test_a_conversation_outlives_a_reload_until_it_is_cleared(phone: Page) -> None:
    say(phone, "heroin")
    phone.reload()
    expect(phone.locator(".text")).to_have_count(2)
    phone.get_by_role("button", name="Clear this conversation").press("Enter")
    expect(phone.locator(".text")).to_have_count(0)
    phone.reload()
    expect(phone.get_by_text("Say anything.")).to_be_visible()
    expect(phone.locator(".text")).to_have_count(0)


def test_each_person_has_their_own_conversation_and_place(phone: Page) -> None:
    say(phone, "heroin")
    with phone.expect_request("**/phone/texts") as asked:
        phone.get_by_label("Person").select_option(label="Kai, Hawaii")
        expect(phone.locator(".text")).to_have_count(0)
        phone.get_by_label("Your text").focus()
        say(phone, "talk")
    sent = asked.value.post_data_json
    assert (sent["from"], sent["country"], sent["state"], sent["zip"]) == ("+18085550164", "US", "HI", "96814")
    phone.get_by_label("Person").select_option(index=phone.get_by_label("Person").locator("option").count() - 1)
    expect(phone.locator(".text")).to_have_count(2)
    expect(phone.locator(".mine .bubble")).to_contain_text("heroin")


def test_a_number_of_ones_own_is_taken_and_a_wrong_one_named(phone: Page) -> None:
    phone.locator(".edit summary").press("Enter")
    phone.get_by_label("Number").fill("555")
    phone.get_by_role("button", name="Text as this person").press("Enter")
    expect(phone.get_by_role("alert")).to_have_text("The number should be + and 7 to 15 digits, country code first.")
    expect(phone.get_by_label("Number")).to_be_focused()
    phone.get_by_label("Number").fill("+16045550177")
    phone.get_by_label("Country").select_option("CA")
    phone.get_by_role("textbox", name="State").fill("BC")
    phone.get_by_label("ZIP").fill("")
    phone.get_by_role("button", name="Text as this person").press("Enter")
    expect(phone.locator("#who")).to_have_text("+16045550177, CA BC")
    phone.reload()
    expect(phone.locator("#who")).to_have_text("+16045550177, CA BC")


def test_a_line_that_is_away_is_named_and_the_same_text_is_sent_again(phone: Page) -> None:
    say(phone, "heroin")
    phone.context.set_offline(True)
    with phone.expect_request("**/phone/texts") as first:
        phone.keyboard.type("talk")
        phone.keyboard.press("Enter")
    expect(phone.locator(".failed")).to_contain_text("Not answered. The line cannot be reached.")
    phone.context.set_offline(False)
    with phone.expect_request("**/phone/texts") as second:
        phone.get_by_role("button", name="Send again").press("Enter")
    expect(phone.locator(".failed")).to_have_count(0)
    expect(phone.locator(ANSWERS)).to_have_count(2)
    assert first.value.post_data_json["sid"] == second.value.post_data_json["sid"]
    expect(phone.locator("#link")).to_have_text("The line is on")


def test_what_is_typed_is_never_read_as_markup(phone: Page) -> None:
    words = "<img src=x onerror=alert(1)><b>hi</b>"
    say(phone, words)
    expect(phone.locator(".mine .bubble")).to_contain_text(words)
    expect(phone.locator(".mine .bubble b")).to_have_count(0)


@pytest.mark.parametrize(
    "words", ["hi", "a" * 160, "a" * 161, "a" * 152 + "€" + "a" * 152, "ñandú", "é" * 160, "😔" * 35, "😔" * 36]
)
def test_the_page_counts_segments_as_the_line_does(phone: Page, words: str) -> None:
    counted = phone.evaluate("words => import('/phone/static/segments.js').then(({ count }) => count(words))", words)
    ours = segments.count(words)
    assert counted == {"encoding": ours.encoding, "units": ours.units, "segments": ours.segments}


def test_a_long_text_tells_how_many_segments_it_takes(phone: Page) -> None:
    phone.get_by_label("Your text").fill("a" * 161)
    expect(phone.locator("#count")).to_have_text("161 of 1600 characters in GSM-7, 2 segments")


def test_the_picture_of_the_readme_is_made(open_phone: Callable[..., Page], tmp_path: Path) -> None:
    phone = open_phone(height=960)
    phone.get_by_label("Person").select_option(label="Maya, New York")
    phone.get_by_label("Your text").focus()
    for words in ("i want to die", "yes"):
        say(phone, words)
    expect(phone.locator("#planned li")).to_have_count(1)
    phone.evaluate("document.activeElement.blur()")
    phone.wait_for_timeout(400)  # the last bubble has come to rest
    picture = PICTURE if os.environ.get("NIGHTLIGHT_PICTURES") else tmp_path / "phone.png"
    phone.screenshot(path=picture)
    assert picture.stat().st_size <= 200_000
    assert PICTURE.stat().st_size <= 200_000
