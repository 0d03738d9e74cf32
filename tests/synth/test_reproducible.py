"""Equal commits give equal templates and assets on any machine, in any folder, without network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.cdk_context import CONTEXT
from tests.support.checkout import SYNTHESIS, copied
from tests.support.clean_room import ROOT, CleanRoom
from tests.support.files import contents
from tests.support.templates import Assembly

MACHINES = {
    "cached": {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LANG": "C.UTF-8"},
    "empty": {
        "TZ": "America/Los_Angeles",
        "PYTHONHASHSEED": "2",
        "AWS_PROFILE": "nope",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "USER": "someone",
    },
}


def _started(project: Path, room: CleanRoom, variables: dict[str, str]) -> subprocess.Popen[str]:
    """Start ``app.py`` as the CDK's command does, and print its imports."""
    return subprocess.Popen(
        [sys.executable, "-X", "importtime", "app.py"],
        cwd=project,
        env={
            **room.environment,
            **variables,
            "CDK_OUTDIR": str(project / "cdk.out"),
            "CDK_CONTEXT_JSON": json.dumps(CONTEXT),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@dataclass(frozen=True)
class Synthesis:
    """The output of a synthesis, and the files that it wrote."""

    printed: str
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def syntheses(
    assembly: Assembly, build_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Synthesis]:
    """A synthesis on each machine; the first has cached definitions."""
    started = {}
    for name, variables in MACHINES.items():
        folder = tmp_path_factory.mktemp(name)
        project, room = copied(folder / name, SYNTHESIS), CleanRoom.below(folder / "room")
        if name == "cached":
            shutil.copytree(build_folder / "definitions", project / "build" / "definitions")
        started[name] = (project, room, _started(project, room, variables))
    found = {}
    for name, (project, room, process) in started.items():
        printed, _ = process.communicate(timeout=300)
        assert process.returncode == 0, printed
        assert room.network_attempts() == []
        found[name] = Synthesis(printed, contents(project / "cdk.out"))
    return found


def test_synthesis_without_network_writes_every_environment(
    syntheses: dict[str, Synthesis],
) -> None:
    templates = {"sentiment-dev.template.json", "sentiment-prod.template.json"}
    assert templates <= syntheses["empty"].files.keys()


def test_synthesis_on_another_machine_writes_the_same_bytes(
    syntheses: dict[str, Synthesis],
) -> None:
    one, other = (synthesis.files for synthesis in syntheses.values())
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_assembly_contains_nothing_of_the_machine(syntheses: dict[str, Synthesis]) -> None:
    for name, content in syntheses["empty"].files.items():
        for trace in (b"someone", b"nope", os.fsencode(ROOT), b"eu-west-3"):
            assert trace not in content, f"{name} contains {trace!r}"


def test_templates_of_tests_equal_those_of_the_app(
    syntheses: dict[str, Synthesis], assembly: Assembly
) -> None:
    for name in ("dev", "prod"):
        written = json.loads(syntheses["empty"].files[f"sentiment-{name}.template.json"])
        assert written == assembly.templates[name]


@pytest.mark.parametrize(("name", "imports"), [("cached", False), ("empty", True)])
def test_only_a_synthesis_without_cached_definitions_imports_the_sdk(
    syntheses: dict[str, Synthesis], name: str, imports: bool
) -> None:
    lines = syntheses[name].printed.splitlines()
    imported = {line.rpartition("|")[2].strip() for line in lines}
    assert "aws_cdk" in imported
    assert ({"sagemaker", "boto3"} <= imported) is imports
    assert bool({"sagemaker", "boto3"} & imported) is imports
