"""The canonical layout of a document: its tree, with the comments where they belong, written anew."""
