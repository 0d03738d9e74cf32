"""The cache of definitions returns what the SDK rendered, and rarely imports the SDK."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.definition_cache import SCORING, TRAINING, key, rendered, sources
from infra.settings import PIPELINE_SETTINGS, Settings
from infra.settings_errors import parse
from pipeline_steps.settings import PipelineSettings
from tests.support.clean_room import DEFINITION, ROOT, CleanRoom
from tests.support.settings_cases import EACH

SOURCES = [path.relative_to(ROOT).as_posix() for path in sources()]

# Prints the paths that a rendering opens: sources, bytecode, data.
PRINT_OPENED = """
import json, sys
opened = set()
sys.addaudithook(lambda event, given: opened.add(str(given[0])) if event == "open" else None)
from pipeline_steps.render import render, render_score
from pipeline_steps.settings import PipelineSettings
render(PipelineSettings())
render_score(PipelineSettings())
print(json.dumps(sorted(opened)))
"""


class Renderer:
    """Renders quickly and records the settings."""

    def __init__(self) -> None:
        self.rendered: list[PipelineSettings] = []

    def __call__(self, settings: PipelineSettings, pipeline: str) -> str:
        self.rendered.append(settings)
        return f'{{"é": {len(self.rendered)}}}\n'


@pytest.fixture
def render() -> Renderer:
    """A renderer without the SDK."""
    return Renderer()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sources that determine a rendering."""
    for name in SOURCES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def _entry(folder: Path) -> Path:
    [entry] = folder.iterdir()
    return entry


def test_hit_equals_the_rendered_definition(tmp_path: Path, render: Renderer) -> None:
    rendered(PipelineSettings(), tmp_path)
    assert rendered(PipelineSettings(), tmp_path, render=render) == DEFINITION.read_text("utf-8")
    assert render.rendered == []


def test_equal_settings_are_rendered_once(tmp_path: Path, render: Renderer) -> None:
    folder = tmp_path / "new" / "folder"
    texts = {rendered(PipelineSettings(), folder, render=render) for _ in range(3)}
    assert (len(texts), len(render.rendered)) == (1, 1)


def test_the_two_pipelines_have_separate_entries(tmp_path: Path, render: Renderer) -> None:
    wanted = [TRAINING, SCORING, TRAINING]
    texts = [rendered(PipelineSettings(), tmp_path, name, render=render) for name in wanted]
    assert texts[0] == texts[2] != texts[1]
    assert len(render.rendered) == 2


@pytest.mark.parametrize("name", PIPELINE_SETTINGS)
def test_another_value_of_a_setting_misses(name: str) -> None:
    settings = parse(Settings, {"region": "us-east-1", **EACH[name]}, "", name="dev")
    other = PipelineSettings().model_copy(update={name: getattr(settings, name)})
    assert key(other) != key(PipelineSettings())


@pytest.mark.parametrize("name", SOURCES)
def test_changed_source_misses(project: Path, name: str) -> None:
    before = key(PipelineSettings(), project)
    content = (project / name).read_bytes()
    (project / name).write_bytes(content + b"#")
    assert key(PipelineSettings(), project) != before
    (project / name).write_bytes(content)
    assert key(PipelineSettings(), project) == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda root: (root / "more.py").write_text(""), id="added"),
        pytest.param(lambda root: (root / "context.py").unlink(), id="removed"),
        pytest.param(lambda root: (root / "context.py").rename(root / "other.py"), id="renamed"),
    ],
)
def test_added_removed_or_renamed_source_misses(
    project: Path, change: Callable[[Path], object]
) -> None:
    before = key(PipelineSettings(), project)
    change(project / "pipeline_steps")
    assert key(PipelineSettings(), project) != before


def test_key_does_not_depend_on_the_projects_folder(project: Path) -> None:
    assert key(PipelineSettings(), project) == key(PipelineSettings())


@pytest.mark.parametrize("package", ["sagemaker_core-9.9.9", "boto3-9.9.9", "new_package-0.1"])
def test_another_package_misses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    before = key(PipelineSettings())
    (tmp_path / f"{package}.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert key(PipelineSettings()) != before


def test_another_python_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(PipelineSettings())
    monkeypatch.setattr(sys, "version", sys.version.replace("3.", "4.", 1))
    assert key(PipelineSettings()) != before


def test_rendering_reads_only_the_sources_in_the_key(room: CleanRoom) -> None:
    ended = subprocess.run(
        [sys.executable, "-B", "-c", PRINT_OPENED],
        cwd=ROOT,
        env=room.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    opened = {Path(path) for path in json.loads(ended.stdout)}
    folders = [ROOT / name for name in ("infra", "pipeline_steps", "processing", "local_runner")]
    # Bytecode counts as its source.
    found = {
        path.parents[1] / f"{path.name.split('.')[0]}.py"
        if path.parent.name == "__pycache__"
        else path
        for path in opened
        if any(path.is_relative_to(folder) for folder in folders)
    }
    used = {path.relative_to(ROOT).as_posix() for path in found if path.is_file()}
    assert {"pipeline_steps/pipeline.py", "pipeline_steps/sagemaker_config.yaml"} <= used
    assert sorted(used - set(SOURCES)) == []


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: content[:-1], id="truncated"),
        pytest.param(lambda content: content + b" ", id="longer"),
        pytest.param(lambda content: content.replace(b"1", b"2"), id="changed"),
        pytest.param(lambda content: content.partition(b"\n")[2], id="no-digest"),
        pytest.param(lambda content: b"\xff\xfe\n\xff", id="not-text"),
    ],
)
def test_damaged_entry_is_rendered_again_and_replaced(
    tmp_path: Path, render: Renderer, damage: Callable[[bytes], bytes]
) -> None:
    rendered(PipelineSettings(), tmp_path, render=render)
    entry = _entry(tmp_path)
    entry.write_bytes(damage(entry.read_bytes()))
    again = rendered(PipelineSettings(), tmp_path, render=render)
    assert len(render.rendered) == 2
    assert rendered(PipelineSettings(), tmp_path, render=render) == again
    assert len(render.rendered) == 2


def test_definition_is_rendered_if_the_folder_is_not_writable(
    tmp_path: Path, render: Renderer
) -> None:
    (tmp_path / "file").write_text("not a folder, not even for root")
    folder = tmp_path / "file" / "folder"
    texts = [rendered(PipelineSettings(), folder, render=render) for _ in range(2)]
    assert texts == ['{"é": 1}\n', '{"é": 2}\n']


def test_definition_is_rendered_if_the_entry_cannot_be_replaced(
    tmp_path: Path, render: Renderer
) -> None:
    (tmp_path / f"training-{key(PipelineSettings())}.txt").mkdir()
    assert rendered(PipelineSettings(), tmp_path, render=render) == '{"é": 1}\n'
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_sources_edited_while_rendering_leave_no_entry(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def edit(settings: PipelineSettings, pipeline: str) -> str:
        (project / SOURCES[0]).write_text("edited")
        return "{}"

    folder = tmp_path_factory.mktemp("cache")
    rendered(PipelineSettings(), folder, render=edit, root=project)
    assert list(folder.iterdir()) == []
