"""The spec language: from a document to a checked spec."""
