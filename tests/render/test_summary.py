from __future__ import annotations

from xml.etree import ElementTree

from archspec.api import analyze
from archspec.render.flat import markdown


def test_a_notebook_shows_the_layers_as_a_table() -> None:
    report = analyze("resnet18")
    table, totals = ElementTree.fromstring(f"<div>{report._repr_html_().replace('<br>', '<br/>')}</div>")
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows[0] == ["layer", "kind", "output", "params", "%", "MACs", "%"]
    assert rows[1] == ["conv1", "conv", "[1, 64, 112, 112]", "9,408", "0.08", "118,013,952", "6.51"]
    assert ["0..1 (x2)", "basic", "[1, 64, 56, 56]", "73,984"] in [row[:4] for row in rows]
    assert "11,689,512" in "".join(totals.itertext())


def test_what_a_spec_says_stays_text_in_a_notebook(tmp_path) -> None:  # type: ignore[no-untyped-def]
    spec = tmp_path / "tags.yaml"
    spec.write_text(
        "archspec: 1\nname: tags\nsummary: <script>alert(1)</script>\ninputs: {x: [4]}\nlayers: [linear: 2]\n"
    )
    text = analyze(spec)._repr_html_()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_columns_of_the_convention_stand_in_json_whichever_it_is() -> None:
    for convention, columns in (("archspec", {"macs", "flops", "activations"}), ("thop", {"macs", "params"})):
        data = analyze("resnet18", convention=convention).to_dict()
        assert set(data["totals"]["columns"]) == columns
        for name in columns:
            written_out = sum(layer["columns"][name] * layer["repeat"] for layer in data["layers"])
            assert written_out == data["totals"]["columns"][name]
    own = analyze("resnet18").to_dict()["totals"]
    assert own["columns"] == {name: own[name] for name in ("macs", "flops", "activations")}


def test_markdown_names_folded_layers_as_the_table_does() -> None:
    report = analyze("resnet18")
    rows = list(report.rows())
    text = markdown(report, columns=["kind"], rows=rows, indent=True)
    assert "&nbsp;&nbsp;0..1 (x2)" in text
    assert "&nbsp;&nbsp;&nbsp;&nbsp;conv1 " in text
