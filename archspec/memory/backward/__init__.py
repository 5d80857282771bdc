"""What the backward pass computes: the gradients of inputs and of weights, by rules for each kind."""
