"""Curves: from clicks on a survival curve to individual times."""
