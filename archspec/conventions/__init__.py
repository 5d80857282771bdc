"""Counting conventions: how operations are counted, as data."""
