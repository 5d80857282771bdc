"""From text to a checked spec: reader, header, nodes."""
