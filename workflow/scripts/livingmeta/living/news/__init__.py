"""News: the new records that wait, and how far each could move which result."""
