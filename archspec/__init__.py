"""archspec: the spec sheet of a neural network, computed from a text file."""
