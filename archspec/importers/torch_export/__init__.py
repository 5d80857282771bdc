"""Programs that `torch.export` saves, `.pt2`: a graph of PyTorch's operators as JSON."""
