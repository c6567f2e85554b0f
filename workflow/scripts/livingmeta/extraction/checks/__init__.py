"""Checks: whether printed numbers can be true beside one another."""
