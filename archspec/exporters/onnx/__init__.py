"""Networks as ONNX graphs: a node for each layer, of ONNX's operators or a function of the model; no weights."""
