"""The jobs' sources: Python 3.10 and the packages of the images."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import processing

PACKAGE = Path(processing.__file__).parent
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "vendor" not in path.parts)
EVERY_SOURCE = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)

# New in the standard library of 3.11, which the parser doesn't check.
NEW_IN_3_11 = {
    "asyncio": {"Runner", "TaskGroup", "timeout", "timeout_at", "Barrier"},
    "builtins": {"BaseExceptionGroup", "ExceptionGroup", "EncodingWarning"},
    "contextlib": {"chdir"},
    "datetime": {"UTC"},
    "enum": {"StrEnum", "ReprEnum", "EnumCheck", "verify", "member", "nonmember", "global_enum"},
    "hashlib": {"file_digest"},
    "logging": {"getLevelNamesMapping"},
    "math": {"cbrt", "exp2"},
    "operator": {"call"},
    "typing": {
        *("Self", "Never", "LiteralString", "Unpack", "TypeVarTuple", "Required", "NotRequired"),
        *("assert_never", "assert_type", "reveal_type", "dataclass_transform", "get_overloads"),
    },
}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 10))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            yield node.module.split(".")[0]


def test_sources_are_found() -> None:
    assert {"__main__", "download", "preprocess", "evaluate"} <= {path.stem for path in SOURCES}
    assert len(SOURCES) > 15


@EVERY_SOURCE
def test_the_syntax_is_python_3_10(path: Path) -> None:
    assert parsed(path).body


@EVERY_SOURCE
def test_no_name_is_newer_than_python_3_10(path: Path) -> None:
    used = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom):
            used |= {(node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.add((node.value.id, node.attr))
        elif isinstance(node, ast.Name):
            used.add(("builtins", node.id))
    new = {(module, name) for module, names in NEW_IN_3_11.items() for name in names}
    assert used & new == set()
    assert "tomllib" not in set(imported(parsed(path)))


@EVERY_SOURCE
def test_only_packages_of_the_images_are_imported(path: Path) -> None:
    allowed = {"numpy", "processing"} | sys.stdlib_module_names
    if path.stem in ("s3", "registry"):
        allowed |= {"boto3", "botocore"}
    if path.stem == "parquet_rows":
        allowed |= {"pyarrow"}
    if path.parent.name == "model" or "report" in path.parent.parts:
        allowed |= {"matplotlib", "scipy", "xgboost"}
    if path.stem in ("calibration", "metrics", "scikit_learn"):
        allowed |= {"sklearn"}
    if path.stem in ("metric_differences", "significance"):
        allowed |= {"scipy"}
    if path.parent.name == "spark":
        allowed |= {"py4j", "pyspark"}  # the one brings the other
    assert set(imported(parsed(path))) - allowed == set()


def test_boto3_is_imported_when_an_object_is_fetched() -> None:
    tree = parsed(PACKAGE / "fetch" / "s3.py")
    assert "boto3" in set(imported(tree))
    tree.body = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    assert {"boto3", "botocore"} & set(imported(tree)) == set()


def test_pyspark_isnt_imported_at_module_level() -> None:
    for path in (PACKAGE / "spark").glob("*.py"):
        tree = parsed(path)
        tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not {"py4j", "pyspark"} & set(imported(tree)), path.name


@pytest.mark.parametrize(
    "stem",
    [
        *("names", "errors", "atomic", "packaging"),
        *(
            "dataset/files/file_formats",
            "dataset/files/file_content",
            "dataset/files/foreign_formats",
        ),
        *("dataset/files/compression", "dataset/files/tar_stream"),
    ],
)
def test_modules_that_other_packages_import_need_only_the_standard_library(stem: str) -> None:
    allowed = {"processing"} | sys.stdlib_module_names
    assert set(imported(parsed(PACKAGE / f"{stem}.py"))) - allowed == set()
