"""From a checked spec to numbers: expansion with shape propagation, counting, memory."""
