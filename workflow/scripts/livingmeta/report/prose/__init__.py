"""Texts of people in the report: set with their numbers, checked, and begun for them."""
