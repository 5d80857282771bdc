"""Reports as text: table, Markdown, CSV, JSON, HTML. Nothing here computes a figure."""
