"""Who may text from the page, and what they might say: invented people with numbers that are kept for stories."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """`number` is of a range that carriers give to nobody; Mexico keeps none, so there it only looks unlikely."""

    name: str
    place: str
    number: str
    country: str
    state: str = ""
    zip: str = ""


PEOPLE = (
    Person("Maya", "New York", "+12125550142", "US", "NY", "10025"),
    Person("Jonah", "Texas", "+15125550123", "US", "TX", "78704"),
    Person("Ruth", "California", "+14155550187", "US", "CA", "94110"),
    Person("Kai", "Hawaii", "+18085550164", "US", "HI", "96814"),
    Person("Nuna", "Alaska", "+19075550119", "US", "AK", "99501"),
    Person("Luz", "Puerto Rico", "+17875550131", "PR", "PR", "00907"),
    Person("Amelie", "Ontario", "+14165550134", "CA", "ON"),
    Person("Owen", "United Kingdom", "+447700900142", "GB"),
    Person("Inés", "Mexico", "+525555550123", "MX"),
)

COUNTRIES = {
    "US": "United States",
    "PR": "Puerto Rico",
    "CA": "Canada",
    "GB": "United Kingdom",
    "MX": "Mexico",
    "IE": "Ireland",
    "AU": "Australia",
    "NZ": "New Zealand",
}

SAMPLES = (
    "heroin",
    "how do i find a support group",
    "i don't want to be here anymore",
    "talk",
    "are you real",
    "necesito ayuda",
    "HELP",
    "STOP",
)
