"""Run: what knows that a run exists: digests, cache, log, claim, what a person watching sees."""
