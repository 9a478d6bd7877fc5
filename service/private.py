"""Folders where everybody may make some: what ours is called there, and whether it is ours alone."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path


def name_for(var: Path) -> str:
    """Short, the same from every shell, and another one for each line of this machine."""
    return f"nightlight-{os.getuid()}-{hashlib.sha256(os.fsencode(var)).hexdigest()[:12]}"


def is_ours_alone(folder: Path) -> bool:
    """Whether it is a folder, and no link to one, that nobody else may look into. Raises OSError where nothing is."""
    known = folder.lstat()
    return stat.S_ISDIR(known.st_mode) and known.st_uid == os.getuid() and not stat.S_IMODE(known.st_mode) & 0o077
