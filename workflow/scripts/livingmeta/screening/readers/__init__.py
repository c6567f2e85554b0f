"""Readers: one module a family of export formats."""
