"""The cache before the rendering: never another text than the SDK's, and seldom the SDK."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from infra import definition_cache
from infra.definition_cache import key, rendered
from infra.settings import SettingsError
from pipeline_steps.settings import PipelineSettings
from tests.support.clean_room import DEFINITION, ROOT, CleanRoom

# Of every setting a value that isn't its default.
OTHER = {
    "region": "eu-west-1",
    "dataset_uri": "s3://somebodys-reviews/imdb/",
    "preset": "fast",
    "champion_margin": 0.005,
    "no_network": True,
    "processing_engine": "spark",
    "spark_instance_type": "ml.m5.2xlarge",
    "processing_instance_type": "ml.m5.xlarge",
    "training_instance_type": "ml.m5.xlarge",
    "transform_instance_type": "ml.m5.xlarge",
    "cache_days": 31,
    "max_runtime_minutes": 61,
    "customer_key": True,
    "subnets": ("subnet-0123456789abcdef0",),
    "security_groups": ("sg-0123456789abcdef0",),
    "encrypt_traffic": True,
    "spot": True,
    "spot_wait_minutes": 61,
}
SETTINGS = [item.name for item in fields(PipelineSettings)]
SOURCES = [path.relative_to(ROOT).as_posix() for path in definition_cache._sources(ROOT)]

# Prints whatever of the project a rendering opens, be it source, bytecode or data.
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


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> list[PipelineSettings]:
    """The settings that were rendered, by a stand-in as quick as a cache."""
    made: list[PipelineSettings] = []

    def render(settings: PipelineSettings, _pipeline: str, _key: str) -> str:
        made.append(settings)
        return f'{{"é": {len(made)}}}\n'

    monkeypatch.setattr(definition_cache, "_render", render)
    return made


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of what decides the rendering."""
    for name in SOURCES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def _entry(folder: Path) -> Path:
    [entry] = folder.iterdir()
    return entry


def test_hit_is_byte_for_byte_what_the_sdk_rendered(tmp_path: Path) -> None:
    rendered(PipelineSettings(), tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(definition_cache, "_render", None)
        assert rendered(PipelineSettings(), tmp_path) == DEFINITION.read_bytes().decode()


def test_same_settings_are_rendered_once(
    tmp_path: Path, renderings: list[PipelineSettings]
) -> None:
    texts = {rendered(PipelineSettings(), tmp_path / "new" / "folder") for _ in range(3)}
    assert (len(texts), len(renderings)) == (1, 1)


def test_the_two_pipelines_are_kept_apart(
    tmp_path: Path, renderings: list[PipelineSettings]
) -> None:
    wanted = [definition_cache.TRAINING, definition_cache.SCORING, definition_cache.TRAINING]
    texts = [rendered(PipelineSettings(), tmp_path, pipeline) for pipeline in wanted]
    assert texts[0] == texts[2] != texts[1]
    assert len(renderings) == 2


def test_every_setting_has_another_value_here() -> None:
    assert list(OTHER) == SETTINGS


@pytest.mark.parametrize("name", SETTINGS)
def test_any_other_setting_misses(
    tmp_path: Path, renderings: list[PipelineSettings], name: str
) -> None:
    other = replace(PipelineSettings(), **{name: OTHER[name]})
    for settings in (PipelineSettings(), other, PipelineSettings(), other):
        rendered(settings, tmp_path)
    assert renderings == [PipelineSettings(), other]


def test_equal_numbers_that_are_written_differently_are_told_apart() -> None:
    whole, fraction = (PipelineSettings(champion_margin=value) for value in (0, 0.0))
    assert whole == fraction
    assert key(whole) != key(fraction)


@pytest.mark.parametrize("name", SOURCES)
def test_any_changed_byte_of_a_source_misses(sources: Path, name: str) -> None:
    before = key(PipelineSettings(), sources)
    content = (sources / name).read_bytes()
    (sources / name).write_bytes(content + b"#")
    assert key(PipelineSettings(), sources) != before
    (sources / name).write_bytes(content)
    assert key(PipelineSettings(), sources) == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda root: (root / "more.py").write_text(""), id="added"),
        pytest.param(lambda root: (root / "context.py").unlink(), id="removed"),
        pytest.param(lambda root: (root / "context.py").rename(root / "other.py"), id="renamed"),
    ],
)
def test_sources_that_come_or_go_miss(sources: Path, change: Callable[[Path], object]) -> None:
    before = key(PipelineSettings(), sources)
    change(sources / "pipeline_steps")
    assert key(PipelineSettings(), sources) != before


def test_key_doesnt_depend_on_where_the_project_lies(sources: Path) -> None:
    assert key(PipelineSettings(), sources) == key(PipelineSettings())


@pytest.mark.parametrize("package", ["sagemaker_core-9.9.9", "boto3-9.9.9", "new_package-0.1"])
def test_other_package_misses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    before = key(PipelineSettings())
    (tmp_path / f"{package}.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert key(PipelineSettings()) != before


def test_other_python_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(PipelineSettings())
    monkeypatch.setattr(sys, "version", sys.version.replace("3.", "4.", 1))
    assert key(PipelineSettings()) != before


def test_nothing_else_of_the_project_enters_a_rendering(room: CleanRoom) -> None:
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
    # Bytecode stands for its source.
    used = {
        path.parents[1] / f"{path.name.split('.')[0]}.py"
        if path.parent.name == "__pycache__"
        else path
        for path in opened
        if any(path.is_relative_to(folder) for folder in folders)
    }
    used = {path.relative_to(ROOT).as_posix() for path in used if path.is_file()}
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
def test_damaged_entry_is_rendered_anew_and_mended(
    tmp_path: Path, renderings: list[PipelineSettings], damage: Callable[[bytes], bytes]
) -> None:
    rendered(PipelineSettings(), tmp_path)
    entry = _entry(tmp_path)
    entry.write_bytes(damage(entry.read_bytes()))
    anew = rendered(PipelineSettings(), tmp_path)
    assert len(renderings) == 2
    assert rendered(PipelineSettings(), tmp_path) == anew
    assert len(renderings) == 2


def test_where_nothing_can_be_written_rendering_goes_on(
    tmp_path: Path, renderings: list[PipelineSettings]
) -> None:
    (tmp_path / "file").write_text("a folder can't be made here, not even by root")
    texts = [rendered(PipelineSettings(), tmp_path / "file" / "folder") for _ in range(2)]
    assert texts == ['{"é": 1}\n', '{"é": 2}\n']


def test_entry_that_cant_be_replaced_doesnt_stop_rendering(
    tmp_path: Path, renderings: list[PipelineSettings]
) -> None:
    (tmp_path / f"training-{key(PipelineSettings())}.txt").mkdir()
    assert rendered(PipelineSettings(), tmp_path) == '{"é": 1}\n'
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_sources_edited_while_rendering_leave_no_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renderings: list[PipelineSettings]
) -> None:
    keys = iter(("before", "after"))
    monkeypatch.setattr(definition_cache, "key", lambda settings: next(keys))
    rendered(PipelineSettings(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_region_without_images_is_a_wrong_setting_and_isnt_kept(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(SettingsError, match="none of the built-in images"):
            rendered(PipelineSettings(region="xx-nowhere-1"), tmp_path)
    assert list(tmp_path.iterdir()) == []
