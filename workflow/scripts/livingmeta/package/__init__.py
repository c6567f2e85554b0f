"""Package: what is handed over: checklists, references, archives, data."""
