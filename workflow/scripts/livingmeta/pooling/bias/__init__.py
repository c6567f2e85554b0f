"""Bias: small-study effects, selection and what they would do to a result."""
