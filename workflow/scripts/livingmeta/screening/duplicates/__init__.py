"""Duplicates: which records are one report."""
