"""Configurations of Darknet, `.cfg`: sections of keys, one for each layer."""
