"""How fast the line is, and whether it loses a text under load. Nothing of the service knows of this."""
