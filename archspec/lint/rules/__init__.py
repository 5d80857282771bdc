"""The rules, one a module; :mod:`archspec.lint.registry` says what a module has."""
