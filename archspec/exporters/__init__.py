"""Networks as others read them: source of PyTorch, ONNX graphs, pictures."""
