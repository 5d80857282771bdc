"""The rules, one a module; :mod:`archspec.review.lint.registry` says what a module has."""
