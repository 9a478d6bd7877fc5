"""Where a ZIP code is, from a table on this machine. Alone knows `zipcodes`; nothing that a texter wrote leaves it."""

from __future__ import annotations

from service.policy.centers import Place


def locate(zip_code: str) -> Place | None:
    """None for what is no ZIP code. The first call of a process unpacks the table: 0.3 s and 38 MB, once.

    Nobody who waits for an answer makes that first call: `Centers.prepare` does.
    """
    if len(zip_code) != 5 or not zip_code.isascii() or not zip_code.isdecimal():
        return None
    import zipcodes  # a worker never asks

    for row in zipcodes.matching(zip_code):
        return Place(row["state"], float(row["lat"]), float(row["long"]))
    return None
