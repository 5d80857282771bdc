"""What autograd keeps of a forward pass: conventions as files, and how they are read."""
