"""What a project demands of its specs: expectations, budgets, waivers."""
