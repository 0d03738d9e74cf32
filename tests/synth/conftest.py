"""The templates of the committed environments, synthesized once, in a clean environment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.clean_room import ROOT
from tests.support.templates import Template


@dataclass(frozen=True)
class Assembly:
    """What a synthesis leaves: templates by environment, and its folder."""

    templates: dict[str, Template]
    folder: Path


def _without_the_machine(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in os.environ:
        if name.startswith(("AWS_", "CDK_", "SAGEMAKER_")):
            patch.delenv(name)
    patch.setenv("HOME", str(home))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _without_the_machine(monkeypatch, tmp_path)


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assembly]:
    """Of cdk.json's environments, and of one ``abroad`` in another region.

    Everything of aws_cdk is imported here, so that its kernel starts in the clean environment.
    """
    folder = tmp_path_factory.mktemp("synth")
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    wanted = context["environments"] | {"abroad": {"region": "eu-west-1"}}
    with pytest.MonkeyPatch.context() as patch:
        _without_the_machine(patch, folder)
        from aws_cdk import App

        from infra.settings import environments
        from infra.stack import SentimentStack

        app = App(context=context, outdir=str(folder / "cdk.out"), analytics_reporting=False)
        for settings in environments(wanted):
            SentimentStack(app, settings=settings, build_folder=folder / "build")
        written = app.synth()
        yield Assembly(
            templates={
                name: written.get_stack_by_name(f"sentiment-{name}").template for name in wanted
            },
            folder=Path(written.directory),
        )


@pytest.fixture(params=["dev", "prod"])
def template(assembly: Assembly, request: pytest.FixtureRequest) -> Template:
    """The template of each committed environment."""
    return assembly.templates[request.param]


@pytest.fixture
def dev(assembly: Assembly) -> Template:
    """The template of dev."""
    return assembly.templates["dev"]


@pytest.fixture
def prod(assembly: Assembly) -> Template:
    """The template of prod."""
    return assembly.templates["prod"]
