"""Configurations of transformers: a file for each model type maps a config's keys to a general spec."""
