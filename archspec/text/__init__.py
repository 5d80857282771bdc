"""The file as text: reading it with positions, editing it by position, laying it out."""
