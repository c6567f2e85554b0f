"""Figures: rows drawn as SVG."""
