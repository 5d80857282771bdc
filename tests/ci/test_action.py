"""action.yml, the hooks and the workflows: valid, injection-proof, documented, and the action's scripts do run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scratch import Scratch

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "pull-requests.md").read_text("utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
USES = re.compile(r"^ *(?:- )?uses: (\S+)(.*)$", re.MULTILINE)
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
NET = (
    "archspec: 1\nname: net\ninputs: {image: [3, 8, 8]}\nlayers:\n  - flatten\n  - linear: 16\n"
    "expect: {params: 3_088}\n"
)


def shown(name: str) -> str:
    """A YAML file that docs/pull-requests.md shows."""
    found = re.search(rf"^```yaml\n# {re.escape(name)}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[1]


def steps(workflow: Any) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_no_expression_is_written_into_a_script() -> None:
    """A title, a branch or an input could end the command it is written into; the environment cannot."""
    workflows = [yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / ".github" / "workflows").glob("*.yml")]
    everywhere = [*STEPS, *(step for workflow in workflows for step in steps(workflow))]
    scripts = [step["run"] for step in everywhere if "run" in step]
    assert len(scripts) >= 4
    for script in scripts:
        assert "${{" not in script
    for step in STEPS:
        assert step["shell"] == "bash"
        # Whatever a script expands stands in quotes.
        assert not re.search(r'(?<!["\w{=/$])\$(?!\()(?!code\b)\w', re.sub(r'"[^"]*"', '""', step["run"]))


def test_actions_are_pinned() -> None:
    """A tag can be moved to other code; a commit cannot. Our own are the copy at hand, and the reader's choice."""
    files = ["action.yml", "docs/pull-requests.md", *(f".github/workflows/{p.name}" for p in WORKFLOWS)]
    uses = [(file, *found) for file in files for found in USES.findall((ROOT / file).read_text("utf-8"))]
    assert len(uses) >= 8
    for file, action, rest in uses:
        if action != "./" and not action.startswith("OWNER/archspec@"):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), (file, action)
            assert re.fullmatch(r"  # v\d+\.\d+\.\d+", rest), (file, rest)


def test_every_input_is_used_and_documented() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)
    assert rows == list(ACTION["inputs"])
    for name in ACTION["inputs"]:
        assert f"inputs.{name} " in text


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", "action.yml"),
        *(
            ("vendor.github-workflows", f".github/workflows/{path.name}")
            for path in (ROOT / ".github/workflows").iterdir()
        ),
    ],
)
def test_files_are_valid(schema: str, file: str) -> None:
    conforms(ROOT / file, "--builtin-schema", schema)


@pytest.mark.parametrize(
    ("schema", "name"),
    [("vendor.github-workflows", ".github/workflows/archspec.yml"), ("vendor.gitlab-ci", ".gitlab-ci.yml")],
)
def test_examples_are_valid(schema: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / Path(name).name
    file.write_text(shown(name), "utf-8")
    conforms(file, "--builtin-schema", schema)


@pytest.mark.parametrize("of", ["spec", "config", "report"])
def test_schemas_are_schemas(of: str) -> None:
    name = "archspec-1.schema.json" if of == "spec" else f"archspec-{of}-1.schema.json"
    conforms(ROOT / "docs" / "schema" / name, "--check-metaschema")


def conforms(file: Path, *options: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", *options, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hooks() -> None:
    ids = ["archspec-fmt", "archspec-lint", "archspec-config", "archspec-check"]
    assert [hook["id"] for hook in HOOKS] == ids
    for hook in HOOKS:
        assert hook["language"] == "python"
        if hook["id"] == "archspec-config":
            for file in ("archspec.toml", "sub/pyproject.toml", ".archspec/waivers.toml", "a/.archspec/waivers.toml"):
                assert re.search(hook["files"], file)
            for file in ("net.toml", "my-archspec.toml", "waivers.toml", "archspec.toml.bak"):
                assert not re.search(hook["files"], file)
            continue
        assert re.search(hook["files"], "a b/net.arch.yaml")
        assert re.search(hook["files"], "net.arch.json")
        assert not re.search(hook["files"], "net.yaml")
    assert [hook["id"] for hook in yaml.safe_load(shown(".pre-commit-config.yaml"))["repos"][0]["hooks"]] == [
        hook["id"] for hook in HOOKS
    ]


def test_the_project_uses_its_own() -> None:
    """The same commands on specs/, from the working copy; and the action in the project's own workflow."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    own = {hook["id"]: hook for repo in config["repos"] for hook in repo["hooks"]}
    for hook in HOOKS:
        assert own[hook["id"]]["entry"] == hook["entry"]
        file = "pyproject.toml" if hook["id"] == "archspec-config" else "specs/resnet.yaml"
        assert re.search(own[hook["id"]]["files"], file)
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    assert any(step.get("uses") == "./" for step in steps(workflow))


def play(step: dict[str, Any], environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a step's script as a runner does."""
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "ARCHSPEC_"))}
    return subprocess.run(command, env={**kept, **environment}, cwd=folder, capture_output=True, text=True, check=False)


def outputs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines())


@pytest.mark.parametrize(
    ("change", "specs", "status"),
    [("", "", "clean"), ("16", "", "clean"), ("20", "", "findings"), ("20", "net file.arch.yaml\n\nb*.yaml\n", "error"),
     ("20", "net file.arch.yaml\n", "findings"), ("20", "$(touch pwned)\n`touch pwned`\n", "error")],
)  # fmt: skip
def test_the_action_runs(scratch: Scratch, tmp_path: Path, change: str, specs: str, status: str) -> None:
    scratch.write("net file.arch.yaml", NET)
    base = scratch.commit()
    scratch.git("switch", "-qc", "topic")
    if change:
        scratch.write("net file.arch.yaml", NET.replace("linear: 16", f"linear: {change}"))
    temporary = tmp_path / "runner temp"
    programs = temporary / "archspec-venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "archspec").symlink_to(Path(sys.executable).parent / "archspec")
    environment = {
        "RUNNER_TEMP": str(temporary), "GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"), "ARCHSPEC_BASE": base, "ARCHSPEC_SPECS": specs,
        "ARCHSPEC_POLICY_FROM": "", "ARCHSPEC_FAIL_ON": "error",
    }  # fmt: skip
    _, look, comment, result = STEPS
    done = play(look, environment, scratch.folder)
    assert done.returncode == 0, done.stderr
    found = outputs(tmp_path / "output")
    assert found["status"] == status
    assert not list(scratch.folder.glob("pwned*"))
    code = {"clean": 0, "findings": 1, "error": 2}[status]
    assert play(result, {"ARCHSPEC_CODE": found["code"]}, scratch.folder).returncode == code
    if status == "error":
        return
    report = json.loads((Path(found["folder"]) / "report.json").read_text("utf-8"))
    assert report["exit_code"] == code
    assert (tmp_path / "summary.md").read_text("utf-8").startswith("### archspec")
    quiet = {**environment, "ARCHSPEC_COMMENT": "never", "ARCHSPEC_KEY": "default", "GITHUB_TOKEN": "x"}
    assert play(comment, quiet, scratch.folder).returncode == 0
    outside = {**quiet, "ARCHSPEC_COMMENT": "always", "GITHUB_REPOSITORY": "o/r"}
    assert "::notice title=archspec::no pull request here" in play(comment, outside, scratch.folder).stdout
