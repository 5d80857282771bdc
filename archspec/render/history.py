"""A spec's history as a table, Markdown, CSV, JSON and a chart."""

from __future__ import annotations

from archspec.change.history import History


def render(history: History, form: str) -> str:
    """The history in one of the forms text, md, csv, json and svg."""
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.history import history_document

        return written(history_document(history))
    if form == "svg":
        from archspec.render.history_svg import chart

        return chart(history)
    from archspec.render.history_table import comma_separated, markdown, text

    return {"text": text, "md": markdown, "csv": comma_separated}[form](history)
