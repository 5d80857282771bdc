"""From a checked spec to a graph of layers with their shapes."""
