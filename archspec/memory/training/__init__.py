"""What a training step keeps, over how many devices, by which optimizer and policy."""
