"""Headers of files of weights: names, shapes and formats of the tensors, whatever the size of the file."""
