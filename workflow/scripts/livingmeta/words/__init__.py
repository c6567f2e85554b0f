"""Words: numbers, names and sentences as people read them, from codes and rows."""
