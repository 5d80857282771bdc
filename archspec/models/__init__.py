"""What pydantic checks: the base of every model, types of values, findings in archspec's words."""
