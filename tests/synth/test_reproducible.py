"""Equal commits give equal templates and assets: on any machine, in any folder, with no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.clean_room import ROOT, CleanRoom
from tests.synth.conftest import Assembly

SOURCES = ("infra", "pipeline_steps", "processing")
MACHINES = {
    "one": {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LANG": "C.UTF-8"},
    "other": {
        "TZ": "America/Los_Angeles",
        "PYTHONHASHSEED": "2",
        "AWS_PROFILE": "nope",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "USER": "someone",
    },
}


def _copied(folder: Path) -> Path:
    """The sources that a synthesis needs, in another folder."""
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("app.py", "cdk.json"):
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def _started(
    project: Path, room: CleanRoom, variables: dict[str, str], *options: str
) -> subprocess.Popen[str]:
    """``app.py`` as the CDK's command would start it; the options are Python's."""
    context = json.loads((project / "cdk.json").read_text(encoding="utf-8"))["context"]
    return subprocess.Popen(
        [sys.executable, *options, "app.py"],
        cwd=project,
        env={
            **room.environment,
            **variables,
            "CDK_OUTDIR": str(project / "cdk.out"),
            "CDK_CONTEXT_JSON": json.dumps(context),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, CleanRoom]]:
    """On each machine a project that was synthesized, and the room that it was done in."""
    started = {}
    for name, variables in MACHINES.items():
        folder = tmp_path_factory.mktemp(name)
        project, room = _copied(folder / name), CleanRoom.below(folder / "room")
        started[name] = (project, room, _started(project, room, variables))
    for _, room, process in started.values():
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
        assert room.network_attempts() == []
    return {name: (project, room) for name, (project, room, _) in started.items()}


@pytest.fixture(scope="module")
def synthesized(projects: dict[str, tuple[Path, CleanRoom]]) -> dict[str, dict[str, bytes]]:
    """The files of the synthesis on each machine."""
    return {name: _files(project / "cdk.out") for name, (project, _) in projects.items()}


def test_synthesis_without_network_writes_every_environment(
    synthesized: dict[str, dict[str, bytes]],
) -> None:
    assert {"sentiment-dev.template.json", "sentiment-prod.template.json"} <= set(
        synthesized["one"]
    )


def test_synthesis_on_another_machine_writes_the_same_bytes(
    synthesized: dict[str, dict[str, bytes]],
) -> None:
    one, other = synthesized["one"], synthesized["other"]
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_assembly_contains_nothing_of_the_machine(
    synthesized: dict[str, dict[str, bytes]],
) -> None:
    for name, content in synthesized["other"].items():
        for trace in (b"someone", b"nope", os.fsencode(ROOT), b"eu-west-3"):
            assert trace not in content, f"{name} holds {trace!r}"


def test_templates_of_tests_equal_those_of_the_app(
    synthesized: dict[str, dict[str, bytes]], assembly: Assembly
) -> None:
    written = {
        name: json.loads(synthesized["one"][f"sentiment-{name}.template.json"])
        for name in ("dev", "prod")
    }
    assert written == {name: assembly.templates[name] for name in written}


def test_second_synthesis_writes_the_same_bytes_without_importing_the_sdk(
    projects: dict[str, tuple[Path, CleanRoom]], synthesized: dict[str, dict[str, bytes]]
) -> None:
    project, room = projects["one"]
    shutil.rmtree(project / "cdk.out")
    process = _started(project, room, MACHINES["one"], "-X", "importtime")
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert _files(project / "cdk.out") == synthesized["one"]
    imported = {line.rpartition("|")[2].strip() for line in said.splitlines()}
    assert "aws_cdk" in imported
    assert {"sagemaker", "boto3"} & imported == set()
