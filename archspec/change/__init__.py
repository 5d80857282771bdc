"""Two versions of specs: where they come from, what differs, what each edit causes."""
