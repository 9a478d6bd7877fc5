"""The page for whoever sees little, hears it read, uses no mouse, has a small screen or wants no movement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CONTRASTS = Path(__file__).with_name("contrasts.js").read_text()
LONG = "Donaudampfschifffahrtsgesellschaftskapitaenswitwenrente" * 3


def a_conversation(page: Page) -> None:
    """Everything that the page can show at once: levels, notes, a failure, an error in the form."""
    for words in ("heroin", "i want to die", LONG):
        page.get_by_label("Your text").fill(words)
        page.get_by_label("Your text").press("Enter")
        expect(page.locator(".mine .bubble").last).to_contain_text(words)
        expect(page.locator(".text").last).not_to_have_class("text mine")
    page.context.set_offline(True)
    page.get_by_label("Your text").fill("hello?")
    page.get_by_label("Your text").press("Enter")
    expect(page.locator(".failed")).to_have_count(1)
    page.locator(".why").evaluate_all("notes => notes.forEach((note) => (note.open = true))")


def accessible_nodes(page: Page) -> list[dict[str, Any]]:
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    return [
        {"role": node["role"]["value"], "name": node.get("name", {}).get("value", "")}
        for node in nodes
        if not node["ignored"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_words_stand_out_from_what_is_behind_them(open_phone: Callable[..., Page], scheme: str) -> None:
    phone = open_phone(color_scheme=scheme, reduced_motion="reduce")
    a_conversation(phone)
    phone.locator(".edit summary").press("Enter")
    phone.get_by_label("Number").fill("5")
    phone.get_by_role("button", name="Text as this person").press("Enter")
    measured = phone.evaluate(CONTRASTS)
    assert len(measured) > 40
    assert [one for one in measured if one["ratio"] < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_theme_that_was_chosen_holds_against_the_systems(open_phone: Callable[..., Page], scheme: str) -> None:
    phone = open_phone(color_scheme="dark" if scheme == "light" else "light")
    theme = phone.locator("#theme")
    for _ in range(3):
        if theme.inner_text() != f"Theme: {scheme}":
            theme.press("Enter")
    phone.reload()
    expect(theme).to_have_text(f"Theme: {scheme}")
    ink = phone.evaluate("getComputedStyle(document.body).color")
    assert ink == ("rgb(28, 31, 54)" if scheme == "light" else "rgb(236, 238, 251)")


def test_every_control_has_a_name_and_every_region_too(phone: Page) -> None:
    a_conversation(phone)
    phone.locator(".edit summary").press("Enter")
    nodes = accessible_nodes(phone)
    controls = {
        "button",
        "textbox",
        "combobox",
        "DisclosureTriangle",
        "link",
        "image",
        "log",
        "region",
        "complementary",
    }
    assert [node for node in nodes if node["role"] in controls and not node["name"].strip()] == []
    named = {(node["role"], node["name"]) for node in nodes}
    assert {("textbox", "Your text"), ("button", "Send"), ("log", "Messages"), ("combobox", "Person")} <= named
    assert ("heading", "Nightlight") in named


def test_what_comes_is_read_out_and_what_was_there_is_not(phone: Page) -> None:
    log = phone.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    phone.get_by_label("Your text").fill("heroin")
    phone.get_by_label("Your text").press("Enter")
    expect(log.get_by_text("You: ")).to_have_count(1)
    expect(log.get_by_text("The line: ")).to_have_count(1)
    expect(phone.locator("html")).to_have_attribute("lang", "en")


def test_no_name_is_given_twice(phone: Page) -> None:
    ids = phone.locator("[id]").evaluate_all("all => all.map((one) => one.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("width", [320, 390, 760, 960, 1920])
def test_nothing_is_cut_off_at_the_side(open_phone: Callable[..., Page], width: int) -> None:
    phone = open_phone(width, 640)
    a_conversation(phone)
    for _ in range(2):
        assert phone.evaluate("document.documentElement.scrollWidth") <= width
        sides = phone.locator("#log .bubble, #log .why, #send, #panel button:visible").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect()).map(({ left, right }) => [left, right])"
        )
        assert all(left >= 0 and right <= width for left, right in sides)
        if phone.locator("#panel-button").is_visible():
            phone.locator("#panel-button").press("Enter")


def test_on_a_small_screen_the_options_open_by_keyboard_and_say_so(open_phone: Callable[..., Page]) -> None:
    phone = open_phone(320, 640)
    button = phone.get_by_role("button", name="Options")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(phone.get_by_label("Person")).to_be_hidden()
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    phone.get_by_role("button", name="heroin").press("Enter")
    expect(phone.get_by_label("Person")).to_be_hidden()
    expect(phone.get_by_label("Your text")).to_have_value("heroin")


@pytest.mark.parametrize(("wish", "animation"), [("reduce", "none"), ("no-preference", "arrive")])
def test_nothing_moves_for_whoever_wants_no_movement(
    open_phone: Callable[..., Page], wish: str, animation: str
) -> None:
    phone = open_phone(reduced_motion=wish)
    phone.get_by_label("Your text").fill("heroin")
    phone.get_by_label("Your text").press("Enter")
    expect(phone.locator(".text.new").last).to_have_css("animation-name", animation)
