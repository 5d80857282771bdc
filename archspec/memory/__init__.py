"""What a network needs of memory, and by which model that is said."""
