"""One run over a pull request, and its comment."""
