"""Templates of environments, each synthesized once, in a clean environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.cdk_context import ENVIRONMENTS
from tests.support.settings_cases import SETTINGS
from tests.support.templates import Assembly, Template


def _hide_machine(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in os.environ:
        if name.startswith(("AWS_", "CDK_", "SAGEMAKER_")):
            patch.delenv(name)
    patch.setenv("HOME", str(home))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _hide_machine(monkeypatch, tmp_path)


@pytest.fixture(scope="session")
def build_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of code asset and rendered definitions, shared by pytest's worker processes."""
    root = tmp_path_factory.getbasetemp()
    return (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "build"


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory, build_folder: Path) -> Iterator[Assembly]:
    """The tests' environments, and one called ``abroad`` in another region.

    Imports aws_cdk, so that its kernel starts in the clean environment.
    """
    folder = tmp_path_factory.mktemp("synth")
    wanted = {**ENVIRONMENTS, "abroad": {"region": "eu-west-1"}}
    with pytest.MonkeyPatch.context() as patch:
        _hide_machine(patch, folder)
        from app import build

        written = build({"environments": wanted}, folder, build_folder).synth()
        yield Assembly(
            templates={
                name: written.get_stack_by_name(f"sentiment-{name}").template for name in wanted
            },
            folder=Path(written.directory),
        )


@pytest.fixture(params=["dev", "prod"])
def template(assembly: Assembly, request: pytest.FixtureRequest) -> Template:
    """The template of each of the tests' environments."""
    return assembly.templates[request.param]


@pytest.fixture
def dev(assembly: Assembly) -> Template:
    """The template of dev."""
    return assembly.templates["dev"]


@pytest.fixture
def prod(assembly: Assembly) -> Template:
    """The template of prod."""
    return assembly.templates["prod"]


@pytest.fixture(scope="session")
def files(
    assembly: Assembly, build_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """The template files of dev with other settings, by the names of `SETTINGS`."""
    from app import build

    @cache
    def file(name: str) -> Path:
        folder = tmp_path_factory.mktemp("settings")
        wanted = {"dev": {**ENVIRONMENTS["dev"], **SETTINGS[name]}}
        written = build({"environments": wanted}, folder, build_folder).synth()
        return Path(written.get_stack_by_name("sentiment-dev").template_full_path)

    return file


@pytest.fixture(scope="session")
def templates(files: Callable[[str], Path]) -> Callable[[str], Template]:
    """The templates of dev with other settings, by the names of `SETTINGS`."""

    @cache
    def template(name: str) -> Template:
        read: Template = json.loads(files(name).read_text(encoding="utf-8"))
        return read

    return template
