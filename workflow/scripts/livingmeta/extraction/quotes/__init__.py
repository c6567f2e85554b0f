"""Quotes: whether the words that a number was read from stand in the text that is held."""
