"""Architecture files in pull requests: findings, fixes by position, lint, format, budgets, diff, reports."""
