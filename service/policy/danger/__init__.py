"""The crisis engine: a text in, its level, kind and evidence out."""
