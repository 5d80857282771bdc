from __future__ import annotations

from xml.etree import ElementTree

from archspec.api import analyze
from archspec.render.flat import markdown
from archspec.render.table import table, totals


def test_a_notebook_shows_the_layers_as_a_table() -> None:
    report = analyze("resnet18")
    layers, sums = ElementTree.fromstring(f"<div>{report._repr_html_().replace('<br>', '<br/>')}</div>")
    rows = [["".join(cell.itertext()) for cell in row] for row in layers.iter("tr")]
    assert rows[0] == ["layer", "kind", "output", "params", "%", "MACs", "%"]
    assert rows[1] == ["conv1", "conv", "[1, 64, 112, 112]", "9,408", "0.08", "118,013,952", "6.51"]
    assert ["0..1 (x2)", "basic", "[1, 64, 56, 56]", "2 x 73,984 = 147,968"] in [row[:4] for row in rows]
    assert "11,689,512" in "".join(sums.itertext())


def test_what_a_spec_says_stays_text_in_a_notebook(tmp_path) -> None:  # type: ignore[no-untyped-def]
    spec = tmp_path / "tags.yaml"
    spec.write_text(
        "archspec: 1\nname: tags\nsummary: <script>alert(1)</script>\ninputs: {x: [4]}\nlayers: [linear: 2]\n"
    )
    text = analyze(spec)._repr_html_()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_columns_of_the_convention_stand_in_json_whichever_it_is() -> None:
    for convention, columns in (
        ("archspec", {"macs", "flops", "activations", "unmasked_macs"}),
        ("thop", {"macs", "params"}),
    ):
        data = analyze("resnet18", convention=convention).to_dict()
        assert set(data["totals"]["columns"]) == columns
        for name in columns:
            written_out = sum(layer["columns"][name] * layer["repeat"] for layer in data["layers"])
            assert written_out == data["totals"]["columns"][name]
    own = analyze("resnet18").to_dict()["totals"]
    assert own["columns"] == {name: own[name] for name in ("macs", "flops", "activations", "unmasked_macs")}


def test_markdown_names_folded_layers_as_the_table_does() -> None:
    report = analyze("resnet18")
    rows = list(report.rows())
    text = markdown(report, columns=["kind"], rows=rows, indent=True)
    assert "&nbsp;&nbsp;0..1 (x2)" in text
    assert "&nbsp;&nbsp;&nbsp;&nbsp;conv1 " in text


def test_a_terminal_of_80_columns_has_room_for_layers_and_totals() -> None:
    report = analyze("resnet50")
    heading = 2  # the summary is a sentence, which a terminal may wrap
    assert max(map(len, table(report, depth=2, room=80).splitlines()[heading:])) <= 80
    tools = ("torchinfo", "torchsummary")
    assert max(map(len, table(report, depth=2, room=80, memory=tools).splitlines()[heading:])) <= 80
    for text in (table(report, room=80, memory=tools), table(report, memory=tools)):
        assert "1 MB = 10^6 bytes" in text
        assert "1 MiB = 2^20 bytes, printed there as MB" in text


def test_a_column_without_a_summary_has_its_unit_alone(tmp_path) -> None:  # type: ignore[no-untyped-def]
    convention = tmp_path / "mine.yaml"
    convention.write_text(
        "convention: mine\nversion: 1\nsource: here\ncolumns: {ops: {unit: op}}\nrules: {relu: {ops: 1}}\n"
    )
    lines = totals(analyze("lenet5", convention=str(convention)))
    assert "mine.ops           0  op" in lines


def test_memory_is_what_the_weights_take_and_what_tools_print_only_when_asked() -> None:
    report = analyze("vit_b_16")
    plain = totals(report)
    assert plain[plain.index("memory, float32") + 1].split() == ["weights", "346,270,624", "bytes", "330.2", "MiB"]
    assert not any("torchinfo" in line for line in plain)
    asked = totals(report, memory=["torchinfo"])
    assert any(line.startswith("as torchinfo") for line in asked)
    assert not any(line.startswith("as torchsummary") for line in asked)


def test_flops_say_what_they_are_beside_two_for_each_mac() -> None:
    report = analyze("resnet50")
    (line,) = (line for line in totals(report) if line.startswith("FLOPs"))
    rest = report.totals.flops - 2 * report.totals.macs
    assert sum(report.beyond.values()) == rest == 61_290_984
    assert line.endswith("8.240G: 2 x MACs + 61.29M (batchnorm 44.46M, relu 9.609M, add 5.519M, maxpool 1.606M, ...)")


def test_a_folded_row_states_one_instance_and_all_and_sorts_by_all() -> None:
    report = analyze("llama3@8b")
    lines = table(report, depth=2).splitlines()
    (row,) = (line for line in lines if "decoder_layer" in line)
    one, repeat = 218_112_000, 32
    assert f"{repeat} x {one:,} = {repeat * one:,}" in row
    ranked = table(report, columns=["params"], sort="params", top=2).splitlines()
    assert "32 x 58,720,256 = 1,879,048,192" in ranked[5]


def test_instances_written_out_stand_by_themselves() -> None:
    lines = table(analyze("resnet18"), full=True).splitlines()
    names = [line.split()[0] for line in lines if " basic " in line]
    assert names == ["0", "1"] * 4
    assert not [line for line in lines if "(x" in line]


def test_what_a_tool_would_print_is_marked_where_it_cannot_or_was_not_measured() -> None:
    def remarks(network: str, tool: str, dtype: str = "float32") -> str:
        lines = totals(analyze(network, dtype=dtype), memory=[tool])
        return "\n".join(line for line in lines if line.startswith(f"{tool}: "))

    # tests/golden/torchvision.json: torchsummary ends with 'NoneType' object has no attribute 'size' on each ViT.
    assert "stops with an error, since nn.MultiheadAttention" in remarks("vit_b_16", "torchsummary")
    assert "leaves out the weights of nn.MultiheadAttention" in remarks("vit_b_16", "torchinfo")
    assert "never measured on tied weights" in remarks("gpt2", "torchinfo")
    assert "4 bytes" in remarks("resnet18", "torchsummary", "bfloat16")
    for tool in ("torchinfo", "torchsummary"):
        assert not remarks("resnet18", tool)
