"""From a graph to figures: counting, sums, the report."""
