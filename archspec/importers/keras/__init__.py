"""Keras: `model.to_json()` of its second and third generation as a spec."""
