"""The JSON outputs as pydantic models: one module for each contract, which only ever gets additions."""
