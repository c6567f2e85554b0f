"""Works that a report names: as CSL items, grouped, and set in one style."""
