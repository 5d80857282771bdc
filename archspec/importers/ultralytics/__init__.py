"""Networks as Ultralytics describes them: a file of modules."""
