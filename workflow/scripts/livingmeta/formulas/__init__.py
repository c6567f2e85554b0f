"""Formulas: arrays in, arrays out; no tables, no files, no English."""
