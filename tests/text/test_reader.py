from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.errors import Span, SpecError
from archspec.text import yaml_text
from archspec.text.contents import MAX_BYTES
from archspec.text.document import MAX_DEPTH, Document, Map, Seq
from archspec.text.reader import read_text


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both of PyYAML's parsers: the second is what is left where it was built without libyaml."""
    if request.param == "python":
        monkeypatch.setattr(yaml_text, "Loader", yaml.SafeLoader)
    return str(request.param)


def cut(text: str, span: Span) -> str:
    lines = [*text.splitlines(keepends=True), ""]
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    middle = lines[span.line : span.end_line - 1]
    return "".join([lines[span.line - 1][span.column - 1 :], *middle, lines[span.end_line - 1][: span.end_column - 1]])


def values(document: Document) -> Iterator[tuple[Any, Span]]:
    """Every value with its span."""
    pending = [(document.data, document.span)]
    while pending:
        node, span = pending.pop()
        yield node, span
        if isinstance(node, Map):
            assert node.span == span
            assert list(node.spans) == list(node.key_spans) == list(node)
            pending += [(node[key], node.spans[key]) for key in node]
        elif isinstance(node, Seq):
            assert node.span == span
            pending += zip(node, node.spans, strict=True)


def failure(text: str, name: str = "net.yaml") -> SpecError:
    with pytest.raises(SpecError) as caught:
        read_text(text, name)
    assert caught.value.file == name
    return caught.value


def outcome_of(text: str, name: str) -> Document | SpecError:
    try:
        return read_text(text, name)
    except SpecError as error:
        return error


# Scalars and keys


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
        ("no", "no"), ("on", "on"), ("yes", "yes"), ("off", "off"), ("y", "y"), ("tRue", "tRue"),
        ("0", 0), ("-0", 0), ("12", 12), ("+12", 12), ("-7", -7), ("0o17", 15), ("0x1F", 31), ("0xff", 255),
        ("-0x1F", "-0x1F"), ("0o8", "0o8"), ("0X1F", "0X1F"), ("9" * 400, 10**400 - 1),
        ("1.5", 1.5), (".5", 0.5), ("-.5", -0.5), ("1.", 1.0), ("1e-5", 1e-5), ("1E5", 1e5), ("+1.5e+3", 1500.0),
        (".", "."), ("-", [None]), ("1e", "1e"), ("e5", "e5"), ("1.2.3", "1.2.3"), ("1.814G", "1.814G"),
        ("11_689_512", "11_689_512"), ("1_0.5", "1_0.5"), ("2020-01-02", "2020-01-02"), ("1:99", "1:99"),
        ("12:x", "12:x"), ("4*$width", "4*$width"), ("inf", "inf"), ("nan", "nan"), ("a b", "a b"), ("a#b", "a#b"),
        ("'12'", "12"), ('"true"', "true"), ("'1:30'", "1:30"), ("''", ""), ('"\\x41\\n"', "A\n"), ("'it''s'", "it's"),
        ("|\n  a\n  12", "a\n12"), (">-\n  a\n  b\n", "a b"), ("=", "="),
    ],
)  # fmt: skip
def test_scalar(written: str, value: object, parser: str) -> None:
    data = read_text(f"- {written}\n" if "\n" in written else f"k: \n  {written}").data
    read_value = data[0] if isinstance(data, Seq) else data["k"]  # type: ignore[index]
    if "\n" in written and isinstance(value, str) and not written.startswith(">"):
        value += "\n" * (not value.endswith("\n"))
    assert read_value == value
    assert type(read_value) is type(value) or isinstance(read_value, Seq)


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ("012", "`012` is ambiguous", "write 12, or 0o12 if it is octal"),
        ("-07", "`-07` is ambiguous", "write -7"),
        ("089", "`089` is ambiguous", "write 89"),
        ("00", "`00` is ambiguous", "write 0"),
        ("1:30", "`1:30` is ambiguous", 'quote it if it is text: "1:30"'),
        ("-1:30:00.5", "base 60", "quote it"),
        (".nan", "nan is not a size", "quote it"),
        (".NaN", "nan is not a size", "quote it"),
        ("-.inf", "infinity is not a size", "quote it"),
        ("1e400", "1e400 is too large for a float", None),
        ("9" * 401, "an integer of 401 digits", None),
        ("0x" + "f" * 5000, "an integer of 5000 digits", None),
        ("9" * 5000, "an integer of 5000 digits", None),
    ],
)
def test_refused_scalar(written: str, message: str, hint: str | None, parser: str) -> None:
    error = failure(f"a: 1\nb: [x, {written}]\n")
    assert message in error.message
    assert len(error.message) < 120
    assert (hint is None and error.hint is None) or (hint or "") in str(error.hint)
    assert error.span == Span(2, 8, 2, 8 + len(written))


def test_keys_are_strings(parser: str) -> None:
    data = read_text("8: a\n1.50: b\nnull: c\ntrue: d\n012: e\n'q': f\n? g\n: h\n'<<': i\n\"\": j\n").data
    assert data == dict(zip(["8", "1.50", "null", "true", "012", "q", "g", "<<", ""], "abcdefhij", strict=True))


# Positions


def test_positions_count_characters(parser: str) -> None:
    document = read_text("\ufeffé: [日本, '𝄞x', b]\r\nk:\r\nm:\n  - {a: 1}\n\n# c\nt: |\n  x\n  y\n\n# d\nz: 1\n")
    data = document.data
    assert isinstance(data, Map)
    assert {key: cut(document.text, span) for key, span in data.spans.items()} == {
        "é": "[日本, '𝄞x', b]", "k": "", "m": "- {a: 1}", "t": "|\n  x\n  y", "z": "1",
    }  # fmt: skip
    assert all(cut(document.text, span) == key for key, span in data.key_spans.items())
    assert data.spans["é"] == Span(1, 4, 1, 17)
    assert [cut(document.text, span) for span in data["é"].spans] == ["日本", "'𝄞x'", "b"]  # type: ignore[union-attr,arg-type]
    assert document.span == data.span == Span(1, 1, 12, 5)


def test_locate_goes_as_far_as_it_can() -> None:
    document = read_text("layers:\n  - conv: {kernel: 3}\n  - flatten\n")

    def at(*path: str | int, key: bool = False) -> str:
        return cut(document.text, document.locate(path, key))

    assert at() == document.text.rstrip()
    assert at("layers", 0, "conv", "kernel") == "3"
    assert at("layers", 0, "conv", "kernel", key=True) == "kernel"
    assert at("layers", 0, "conv", "kernal", key=True) == "{kernel: 3}"
    assert at("layers", 0, "conv", "kernel", 0, "x", key=True) == "3"
    assert at("layers", 1, key=True) == "flatten"
    assert at("layers", 2) == at("layers", -1) == at("layers", "x") == "- conv: {kernel: 3}\n  - flatten"
    assert at(0) == at("nothing", 1) == at()


printable = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff", include_characters="\n\t"
    ),
    max_size=8,
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | printable
data_trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(printable, inner, max_size=4),
    max_leaves=12,
)


@given(data_trees, st.sampled_from([None, 1, "\t"]), st.booleans(), st.sampled_from(["net.json", "net.yaml"]))
def test_json_reads_back(tree: object, indent: str | int | None, ascii_only: bool, name: str) -> None:
    # Outside of a collection a .yaml file is YAML, which does not take escaped surrogate pairs.
    tree = [tree]
    document = read_text(json.dumps(tree, indent=indent, ensure_ascii=ascii_only), name)
    assert document.data == tree
    for value, span in values(document):
        again = json.loads(cut(document.text, span))
        assert (again, type(again)) == (value, {Map: dict, Seq: list}.get(type(value), type(value)))
        if isinstance(value, Map):
            assert all(json.loads(cut(document.text, span)) == key for key, span in value.key_spans.items())


@given(data_trees, st.sampled_from([None, 1]))
def test_json_is_yaml(tree: object, indent: int | None) -> None:
    written = json.dumps(tree, indent=indent, ensure_ascii=False).replace("\x7f", "")
    as_yaml = read_text("# a comment\n" + written)
    as_json = read_text(written, "net.json")
    assert as_yaml.data == as_json.data
    down = [Span(span.line + 1, span.column, span.end_line + 1, span.end_column) for _, span in values(as_json)]
    assert [span for _, span in values(as_yaml)] == down


def block_style(tree: object, indent: int = 0) -> str:
    pad = "\n" + " " * indent
    if isinstance(tree, dict) and tree:
        return "".join(f"{pad}{json.dumps(key)}: {block_style(item, indent + 2)}\n# c" for key, item in tree.items())
    if isinstance(tree, list) and tree:
        return "".join(f"{pad}- {block_style(item, indent + 2)}" for item in tree)
    return json.dumps(tree)


small_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab: #-[]{}'\"\\", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab:#", max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(small_trees)
def test_block_spans_hold_what_they_stand_for(tree: object) -> None:
    document = read_text(block_style(tree))
    assert document.data == tree
    for value, span in values(document):
        piece = cut(document.text, span)
        assert piece == piece.strip()
        assert yaml.safe_load(" " * (span.column - 1) + piece) == value


# Refused texts


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("a: &x 1", (1, 4), "an anchor: `&x`", "quote"),
        ("a: &x [1]", (1, 4), "an anchor: `&x`", "quote"),
        ("a: *w", (1, 4), "an alias: `*w`", "quote"),
        ("a: *", (1, 5), "cannot start with `&` or `*`", "quote"),
        ("a: !!python/object:os.system x", (1, 4), "a tag: `!!python/object:os.system`", "quote"),
        ("- !x {a: 1}", (1, 3), "a tag: `!x`", "quote"),
        ("- ! x", (1, 3), "a tag: `!`", "quote"),
        ("!e!x a", (1, 1), "a tag", "quote"),
        ("a: 1\n---\nb: 2", (2, 1), "a second document", "one document"),
        ("a: 1\n...\nb", (3, 1), "text after the end of the document", "one document"),
        ("a: 1\nb: 2\n'a': 3", (3, 1), "duplicate key `a`: on lines 1 and 3", None),
        ("8: 1\n'8': 2", (2, 1), "duplicate key `8`: on lines 1 and 2", None),
        ("<<: {a: 1}", (1, 1), "a merge key", "defaults"),
        ("[a]: 1", (1, 1), "a key is a mapping or a sequence", "quote"),
        ("? {a: 1}\n: 1", (1, 3), "a key is a mapping or a sequence", "quote"),
        ("{a: 1, ? : 2}", None, "an empty key", None),
        ("a:\n\tb: 1", (2, 1), "a tab", "spaces"),
        ("a: b\n\tc: d", (2, 1), "a tab", "spaces"),
        ("a: @x", (1, 4), "cannot start with `@`", "quotes"),
        ("a: b: c", (1, 5), "a `:` that ends no key", "indentation"),
        ("a: - b", (1, 4), "a `- ` where no list can start", "own lines"),
        ("a: 'x' y", (1, 8), "expected ", "quote"),
        ("- a\nb: 1", (2, 1), "expected another ", "line it up"),
        ("a: 1\n}", (2, 1), "expected ", "line it up"),
        ("a: [1, 2", (1, 4), "`[` is never closed", None),
        ("a: {b: 1\n\n", (1, 4), "`{` is never closed", None),
        ("a: [1,\n\n", (1, 7), "the text ends where a value should follow", None),
        ("a: [1 {2}]", (1, 7), "expected `,` or `]`", "quote"),
        ("x: {out: ${w}}", (1, 11), "`${`", "$name"),
        ("x: 'a\n\nb", (1, 4), "a quoted string is never closed", "closing quote"),
        ('a: "x\\q"', None, "an escape that is not YAML's", "backslash"),
        ('a: "x\\ud800"', None, "", None),
        ('a: "x\\0"', (1, 4), "the control character U+0000 in a string", None),
        ('"\\e": 1', (1, 1), "the control character U+001B in a string", None),
        ("a: x\x01", (1, 5), "the character U+0001 is not allowed", None),
        ("a: 1\nb: \0", (2, 4), "the character U+0000 is not allowed", None),
        ("a: \ud800", (1, 4), "the character U+D800 is not allowed", None),
        ("a: x\u2028y", (1, 5), "the character U+2028 is not allowed", '"\\u2028"'),
        ("a: x\ufeffy", (1, 5), "the character U+FEFF is not allowed", None),
        ("", None, "the text is empty", None),
        (" \n\t\n", None, "the text is empty", None),
        ("# only\n# comments\n", None, "nothing in the text but comments", None),
    ],
)
def test_refused_yaml(text: str, place: tuple[int, int] | None, message: str, hint: str | None, parser: str) -> None:
    error = failure(text)
    assert message in error.message
    if place is not None:
        assert error.span is not None
        assert error.span[:2] == place
    if hint is not None:
        assert hint in str(error.hint)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('{"a": 1, }', (1, 8), "a trailing comma"),
        ('{"a": [\n  1,\n  2,\n]}', (3, 4), "a trailing comma"),
        ('{"a": 1,, "b": 2}', (1, 9), "not JSON: expecting property name"),
        ('{"a": 1 // c\n}', (1, 9), "a comment"),
        ("# c\n{}", (1, 1), "a comment"),
        ("{'a': 1}", (1, 2), "a single quote"),
        ("{a: 1}", (1, 2), "expecting property name"),
        ('{"a": 012}', (1, 8), "expecting ',' delimiter"),
        ('{"a" 1}', (1, 6), "expecting ':' delimiter"),
        ('{"a": 1\n', (1, 8), "the text ends too early"),
        ("[1] 2", (1, 5), "extra data"),
        ('["a\nb"]', (1, 4), "a line break or tab inside a string"),
        ('["a', (1, 2), "unterminated string"),
        ('["\\q"]', (1, 3), "invalid \\escape"),
        ('["x", NaN]', (1, 7), "NaN is not JSON, nor a size"),
        ('{"NaN": -Infinity}', (1, 9), "-Infinity is not JSON"),
        ('["\\ud800"]', (1, 2), "half a surrogate pair U+D800 in a string"),
        ('{"\\u0000": 1}', (1, 2), "the control character U+0000 in a string"),
        ('[1, "a\\u001b"]', (1, 5), "the control character U+001B in a string"),
        ('{"a": 1,\n "a": 2}', (2, 2), "duplicate key `a`: on lines 1 and 2"),
        ('{"a": 1, "\\u0061": 2}', (1, 10), "duplicate key `a`"),
        ("[1e999]", (1, 2), "too large for a float"),
        (f"[{'9' * 5000}]", (1, 2), "an integer of 5000 digits"),
        ("", None, "the text is empty"),
        ("---\n{}", (1, 1), "not JSON"),
    ],
)
def test_refused_json(text: str, place: tuple[int, int] | None, message: str) -> None:
    error = failure(text, "net.JSON")
    assert message in error.message
    assert (error.span and error.span[:2]) == place


@pytest.mark.parametrize(
    ("text", "marker", "hint"),
    [
        ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n", (2, "<<<<<<< HEAD"), "lines 2 to 6"),
        ("a: 1\r\n<<<<<<< HEAD\r\nb: 1\r\n=======\r\n>>>>>>> x\r\n", (2, "<<<<<<< HEAD"), "lines 2 to 5"),
        ("a: [1,\n<<<<<<< HEAD\n 2,\n=======\n 3,\n>>>>>>> other\n 4]\n", (2, "<<<<<<< HEAD"), "lines 2 to 6"),
        ("<<<<<<< a\nb: 1\n||||||| c\n=======\nb: 2\n>>>>>>> d\n", (1, "<<<<<<< a"), "lines 1 to 6"),
        ('{"a": 1,\n<<<<<<< HEAD\n"b": 1\n=======\n"b": 2\n>>>>>>> other\n}', (2, "<<<<<<< HEAD"), "lines 2 to 6"),
        ("a: 1\nb:\n  - 1\n=======\n  - 2\n", (4, "======="), "take out the marker"),
        ("a: 1\n>>>>>>> other\n", (2, ">>>>>>> other"), "take out the marker"),
    ],
)
def test_conflict_markers(text: str, marker: tuple[int, str], hint: str, parser: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_text(text, "a.yaml")
    line, written = marker
    assert caught.value.message == f"a conflict marker: `{written}`"
    assert caught.value.span == (line, 1, line, len(written) + 1)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["a: |\n  <<<<<<< HEAD\n  =======\n", "# <<<<<<< HEAD\na: 1\n", "a: '<<<<<<< b'\n"])
def test_markers_that_are_text(text: str, parser: str) -> None:
    assert "a" in (read_text(text).data or ())  # type: ignore[operator]


def test_json_that_yaml_would_refuse() -> None:
    text = '{\n\t"a\\/":\t"\\ud83d\\ude00",\n\t"%s"\n: [1E2, -0, true, null, "\\u2028"]}' % ("k" * 1100)
    for name in ("net.json", "<stdin>"):
        document = read_text(text, name)
        assert document.data == json.loads(text)
        assert cut(text, document.locate(("a/",))) == '"\\ud83d\\ude00"'


def test_flow_yaml_is_not_held_to_json() -> None:
    assert read_text("{a: 1, b: [x, y,],}  # c").data == {"a": 1, "b": ["x", "y"]}
    assert read_text("[NaN]").data == ["NaN"]
    assert failure("[012]").hint == "write 12, or 0o12 if it is octal"


def test_directives_and_document_marks_are_taken(parser: str) -> None:
    assert read_text("%YAML 1.2\n---\na: 1\n...\n").data == {"a": 1}
    assert read_text("--- a\n").data == "a"


@given(st.text("ab01:-?,[]{}#&*!|>'\"%@` \t\n\\$~<.é\u2028\ufeff", max_size=30), st.sampled_from(["x", "x.json"]))
@settings(max_examples=400)
def test_any_text_is_read_or_refused(text: str, name: str) -> None:
    for loader in (yaml.CSafeLoader, yaml.SafeLoader):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yaml_text, "Loader", loader)
            outcome = outcome_of(text, name)
        end = (len(text.splitlines()) + 1, len(text) + 2)
        if isinstance(outcome, Document):
            assert all((1, 1) <= span[:2] <= span[2:] <= end for _, span in values(outcome))
        else:
            assert outcome.file == name
            assert outcome.span is None or (1, 1) <= outcome.span[:2] <= end


# Bounds


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, '{"a":' * 200_000, "{a: " * 200_000, "- " * 200_000, "? " * 200_000, "[" * 500 + "]" * 500,
     "\n".join(" " * depth + "a:" for depth in range(500))],
)  # fmt: skip
@pytest.mark.parametrize("name", ["net.yaml", "net.json"])
def test_depth_is_bounded(text: str, name: str, parser: str) -> None:
    error = failure(text, name)
    complaints = ("nested more than 64 deep", "a key is a mapping", "not JSON")
    assert error.message.startswith(complaints)


def test_depth_up_to_the_bound() -> None:
    for name in ("net.yaml", "net.json"):
        assert read_text("[" * MAX_DEPTH + "]" * MAX_DEPTH, name).data is not None
        assert failure("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), name).span == Span(1, 65, 1, 66)


def test_nodes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.text.document.MAX_NODES", 10)
    assert read_text("[1, 2, 3, 4, 5, 6, 7, 8, 9]").data == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    for text in ("[" + "1, " * 10 + "1]", "- 1\n" * 10):
        assert "more than 10 values" in failure(text).message


def test_characters_are_bounded() -> None:
    assert "more than 16 MiB" in failure("#" * (MAX_BYTES + 1)).message
