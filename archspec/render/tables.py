"""Tables as plain text, Markdown and HTML, laid out by tabulate; and CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archspec.errors import printable
from archspec.render.escapes import csv_cell

NARROWEST = 20  # columns of text are not wrapped any narrower


def plain_table(rows: Sequence[Sequence[str]], right: Sequence[bool] = ()) -> list[str]:
    """Rows padded to common widths, a line each; ``right`` says which columns stand on their right edge."""
    cells = [[printable(text) for text in row] for row in rows]
    return _laid_out(cells, right, "plain").split("\n") if rows else []


def wrapped_table(rows: Sequence[Sequence[str]], room: int | None) -> str:
    """The same for reading: the widest columns but the first are wrapped to fit into ``room``, where there is one."""
    cells = [[printable(text) for text in row] for row in rows]
    names, *widths = [width(column) for column in zip(*cells, strict=True)]
    while room is not None and max(widths) > NARROWEST and (excess := names + sum(widths) + 2 * len(widths) - room) > 0:
        widths[widths.index(max(widths))] = max(NARROWEST, max(widths) - excess)
    return _laid_out(cells, (), "plain", widths=(names, *widths)) + "\n"


def ruled_table(rows: Sequence[Sequence[str]], right: Sequence[bool] = ()) -> list[str]:
    """The same with a line below the first row, the head."""
    head, *body = plain_table(rows, right)
    return [head, "-" * width([head, *body]), *body]


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool] = ()) -> str:
    """A pipe table of cells that are Markdown; no newline at its end."""
    return _laid_out(rows, right, "pipe", head)


def compact_table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[bool] = ()) -> str:
    """A pipe table that is not padded: for little room, and for files, where a longer word changes one line only."""
    rule = ["--:" if side else "---" for side in _sides(head, right)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def reference_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A compact table for the docs, of Markdown in which a ``|`` ends no cell; a newline at its end."""
    return compact_table(head, [[cell.replace("|", "\\|") for cell in row] for row in rows]) + "\n"


def html_table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    right: Sequence[bool] = (),
    sides: tuple[str, str] = ("", ""),
    caption: str = "",
) -> str:
    """A table of cells that are HTML, escaped by the caller; ``sides`` are the attributes of a cell on either edge."""
    attributes = [sides[side] for side in _sides(head, right)]

    def line(tag: str, cells: Sequence[str]) -> str:
        shown = (f"<{tag}{said}>{cell}</{tag}>" for cell, said in zip(cells, attributes, strict=True))
        return f"<tr>{''.join(shown)}</tr>"

    body = "\n".join(line("td", row) for row in rows)
    return f"<table>{caption}\n<thead>{line('th', head)}</thead>\n<tbody>\n{body}\n</tbody></table>"


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV, each ended by a line feed."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([csv_cell(value) for value in row] for row in rows)
    return out.getvalue()


def width(lines: Iterable[str]) -> int:
    """Length of the longest line."""
    return max(map(len, lines), default=0)


def _laid_out(
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
    form: str,
    head: Sequence[str] = (),
    widths: Sequence[int] = (),
) -> str:
    """tabulate's table of texts: it would take `1e3` for a number and strip the spaces that indent a name."""
    from tabulate import tabulate

    align = ["right" if side else "left" for side in _sides(head or rows[0], right)]
    return tabulate(
        rows,
        head,
        tablefmt=form,
        disable_numparse=True,
        colalign=align if rows else None,
        preserve_whitespace=True,
        maxcolwidths=list(widths) or None,
    )


def _sides(cells: Sequence[str], right: Sequence[bool]) -> list[bool]:
    """Which columns stand on their right edge; those that nothing is said of do not."""
    return [*right, *[False] * (len(cells) - len(right))]
