"""The JSON Schemas: of the files that archspec reads, and of its outputs."""

from __future__ import annotations

from importlib import import_module

from archspec.errors import UsageError, suggestion
from archspec.models.describe import file_schema
from archspec.models.types import Json

# Contract -> the module that holds its model, and the model.
OUTPUTS = {
    "check": ("findings", "CheckDocument"),
    "compare": ("compare", "CompareDocument"),
    "compare-layers": ("compare_layers", "CompareLayersDocument"),
    "conventions": ("conventions", "ConventionsDocument"),
    "diff": ("diff", "DiffDocument"),
    "explain": ("explain", "ExplainDocument"),
    "findings": ("findings", "FindingsDocument"),
    "fits": ("fits", "FitsDocument"),
    "hardware": ("hardware", "HardwareDocument"),
    "history": ("history", "HistoryDocument"),
    "kinds": ("kinds", "KindsDocument"),
    "list": ("zoo", "ListDocument"),
    "memory": ("memory", "MemoryDocument"),
    "report": ("report", "ReportDocument"),
    "roofline": ("roofline", "RooflineDocument"),
    "rules": ("rules", "RulesDocument"),
    "summary": ("summary", "SummaryDocument"),
    "verify": ("verify", "VerifyDocument"),
    "weights": ("weights", "WeightsDocument"),
}


FILES = {
    "chip": ("archspec.hardware.model", "chip_schema"),
    "config": ("archspec.policy.config_model", "config_schema"),
    "convention": ("archspec.conventions.model", "convention_schema"),
    "spec": ("archspec.language.schema", "spec_schema"),
    "waivers": ("archspec.policy.waiver_model", "waivers_schema"),
}


def schema(name: str) -> Json:
    """The schema of a file that archspec reads, or of an output. Raises UsageError."""
    if name in OUTPUTS:
        return output_schema(name)
    if name not in FILES:
        raise UsageError(f"no schema is called `{name}`", hint=suggestion(name, [*FILES, *OUTPUTS]))
    module, function = FILES[name]
    made: Json = getattr(import_module(module), function)()
    return made


def output_schema(contract: str) -> Json:
    """The schema of one of ``OUTPUTS``."""
    module, model = OUTPUTS[contract]
    output = getattr(import_module(f"archspec.render.outputs.{module}"), model)
    return file_schema(output, contract)
