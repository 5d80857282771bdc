"""The canonical layout of specs: YAML moved token by token, JSON spread by one rule."""
