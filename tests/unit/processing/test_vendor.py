"""The vendored stemmer equals that of NLTK's release, except for one import."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import nltk
import pytest

import processing

VENDORED = Path(processing.__file__).parent / "vendor" / "nltk"
RELEASED = Path(nltk.__file__).parent / "stem"


def test_the_installed_release_is_the_vendored_one() -> None:
    assert importlib.metadata.version("nltk") == "3.10.3"


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("porter.py", {b"from nltk.stem.api import StemmerI": b"from .api import StemmerI"}),
        ("api.py", {}),
    ],
)
def test_vendored_files_differ_from_the_release_only_in_an_import(
    file: str, changed: dict[bytes, bytes]
) -> None:
    released = (RELEASED / file).read_bytes().splitlines(keepends=True)
    vendored = (VENDORED / file).read_bytes().splitlines(keepends=True)
    differing = {
        old.strip(): new.strip() for old, new in zip(released, vendored, strict=True) if old != new
    }
    assert differing == changed


def test_the_license_is_beside_the_vendored_files() -> None:
    text = (VENDORED / "LICENSE.txt").read_text(encoding="utf-8")
    assert "Apache License" in text
