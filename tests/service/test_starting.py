"""What a process has made by the end of its start is never looked through for garbage again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from service.settings import CHECKOUT

STARTED = """
import gc
from service import starting
try:
    with starting.all_of_it_stays():
        assert not gc.isenabled()
        kept = [[n] for n in range(10_000)]
        {then}
except ValueError:
    pass
assert gc.isenabled() and gc.get_freeze_count() > 10_000
"""


@pytest.mark.parametrize("then", ["pass", "raise ValueError('a playbook that cannot be read')"])
def test_only_what_comes_after_a_start_is_looked_through_also_after_a_failed_one(then: str) -> None:
    subprocess.run([sys.executable, "-c", STARTED.format(then=then)], cwd=CHECKOUT, check=True)
