"""A phone to text the line with, in development, and the stand-in for Twilio behind it. No rule of the line is here."""

from service.phone.views import Planned, blueprint

__all__ = ["Planned", "blueprint"]
