"""Which time zones each three-digit ZIP area lies in: a small table in place of a large one."""

from __future__ import annotations

from collections.abc import Iterator

# Counted from the zones that the zipcodes package gives for single ZIP codes, as of its release 3.0.0; a test counts
# again. Zones whose clocks are the same today stand as one. Where an area is divided, the zone of most codes comes
# first; a zone with fewer than one code in twenty is left out, since such lists have slips.
_AREAS = {
    "America/New_York": (
        "005 010-089 099-212 214-268 270-323 326-339 341-342 344 346-347 349 376-379 398-400 402-418 425 "
        "430-462 466-474 478 480-497 569 888"
    ),
    "America/Chicago": (
        "324-325 350-352 354-372 375 380-397 420-424 463-464 476-477 500-516 520-528 530-532 534-535 537-551 "
        "553-567 570-574 580-584 587-588 600-620 622-631 633-641 644-658 660-662 664-676 679-681 683-689 "
        "700-701 703-708 710-714 716-731 733-741 743-770 772-797"
    ),
    "America/Los_Angeles": "838 889-891 893-895 897-898 900-908 910-928 930-961 970-978 980-986 988-994",
    "America/Denver": "577 590-599 693 799-816 820-834 836-837 840-847 870-871 873-885",
    "America/Phoenix": "850-853 855-857 859 863-864",
    "America/Anchorage": "995-999",
    "America/Puerto_Rico": "006-009",
    "Pacific/Honolulu": "967-968",
    "America/New_York America/Chicago": "373-374 401 426 465 475 479 498-499",
    "America/Chicago America/Denver": "575 585 677-678 690 692 798",
    "America/Denver America/Chicago": "576 586 691",
    "America/Chicago America/New_York": "427",
    "America/Los_Angeles America/Denver": "835",
    "America/Phoenix America/Denver": "860",
    "America/Denver America/Phoenix": "865",
    "America/Denver America/Los_Angeles": "979",
    "Pacific/Guam Pacific/Chuuk Pacific/Palau Pacific/Majuro": "969",
}


def _areas(ranges: str) -> Iterator[str]:
    for one in ranges.split():
        first, _, last = one.partition("-")
        yield from (f"{number:03d}" for number in range(int(first), int(last or first) + 1))


_ZONES = {area: tuple(zones.split()) for zones, ranges in _AREAS.items() for area in _areas(ranges)}


def zones_of_zip(zip_code: str) -> tuple[str, ...]:
    """The likeliest first; empty for what is no ZIP code, or one of the armed forces, who may be anywhere."""
    return _ZONES.get(zip_code[:3], ()) if len(zip_code) >= 5 and zip_code[:5].isdecimal() else ()
