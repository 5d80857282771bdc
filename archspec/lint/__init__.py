"""Lint: rules that look at one spec, each a module of :mod:`archspec.lint.rules`."""
