"""Pooling: from one effect and variance a study to estimates, their heterogeneity and intervals."""
