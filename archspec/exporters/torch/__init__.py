"""PyTorch: a module's source, with a class for each block."""
