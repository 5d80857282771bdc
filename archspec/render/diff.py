"""A diff as text, Markdown, JSON and HTML."""

from __future__ import annotations

from archspec.change.model import Diff
from archspec.ci.links import NOWHERE, Links


def render(diff: Diff, form: str, *, color: bool = False, links: Links = NOWHERE) -> str:
    """The diff in one of the forms text, md, json and html."""
    if form == "json":
        from archspec.render.outputs.base import written
        from archspec.render.outputs.diff import diff_document

        return written(diff_document(diff))
    if form == "md":
        from archspec.render.diff_md import markdown

        return markdown(diff, links)
    if form == "html":
        from archspec.render.diff_html import page

        return page(diff)
    from archspec.render.diff_text import text

    return text(diff, color=color)
