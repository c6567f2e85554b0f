"""Engines: models fitted to effects and variances, or to counts; arrays only."""
