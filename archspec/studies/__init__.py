"""What is worked out from reports and graphs: comparisons, explanations, columns of points."""
