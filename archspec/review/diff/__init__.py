"""What a change does to the figures of every spec it touches, and why."""
