"""Packages in place of xgboost whose native library can't be loaded."""

from __future__ import annotations

from pathlib import Path

MACOS = '''
class XGBoostError(ValueError):
    pass

raise XGBoostError("""
XGBoost Library (libxgboost.dylib) could not be loaded.
Likely causes:
  * OpenMP runtime is not installed
    - libomp.dylib for Mac OSX
    - libgomp.so for Linux and other UNIX-like OSes

Error message(s): ["dlopen(/x/libxgboost.dylib, 0x0006): Library not loaded: @rpath/libomp.dylib
  Referenced from: <2C5B> /x/libxgboost.dylib
  Reason: tried: '/usr/local/lib/libomp.dylib' (no such file)"]
""")
'''
LINUX = "raise OSError('libgomp.so.1: cannot open shared object file: No such file or directory')\n"


def write_package(folder: Path, code: str) -> Path:
    """Write a package xgboost that runs ``code`` when it is imported; return the folder."""
    (folder / "xgboost").mkdir(parents=True)
    (folder / "xgboost" / "__init__.py").write_text(code, encoding="utf-8")
    return folder
