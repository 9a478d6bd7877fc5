"""Nightlight: a text line that always answers."""
