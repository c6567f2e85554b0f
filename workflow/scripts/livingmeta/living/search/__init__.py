"""Search: databases asked again for what is new."""
