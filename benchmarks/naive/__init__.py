"""The same line as a good developer writes it in an afternoon: what the real one is compared with."""
