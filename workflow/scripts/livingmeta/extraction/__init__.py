"""Printed numbers read, converted and checked."""
