"""`python -m service run`: everything on this machine, kept running. What the processes do is not known here."""

from service.supervisor.running import run

__all__ = ["run"]
