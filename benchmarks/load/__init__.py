"""A load of texts against a line, and the proof that each was answered: `make load`."""
