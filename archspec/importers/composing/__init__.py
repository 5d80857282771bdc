"""Layers of a network, one after the other, made into a spec: modules found again, alike ones as blocks and repeats."""
