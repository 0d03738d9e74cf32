"""Start a program that ends with the runner; a given folder is its ``/opt/ml``.

    bound_to_parent.py RUNNER_PID [--opt-ml FOLDER] PROGRAM [ARG...]

A runner that is killed can't end its jobs. On Linux the kernel does: it sends SIGKILL to the
program when the *thread* that started it ends (prctl(2), PR_SET_PDEATHSIG), so that thread must
wait for the program. Other systems have no such call; there the job runs to its end.

The folder is mounted in a namespace that only the program and its children see (Linux, without
root: in a user namespace). The machine's ``/opt`` isn't changed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

OPT_ML = "/opt/ml"

_O_PATH = getattr(os, "O_PATH", 0)  # Linux only
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_CLONE_NEWNS, _CLONE_NEWUSER = 0x20000, 0x10000000  # linux/sched.h
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000  # linux/mount.h


def main() -> None:
    """Bind this process to the runner, whose process id is given, and become the program."""
    runner, *program = sys.argv[1:]
    if program[0] == "--opt-ml":
        _, folder, *program = program
        try:
            mount_opt_ml(folder)
        except OSError as error:
            sys.exit(f"error: {OPT_ML} can't be mounted: {error}")
    # After the mount: a change of credentials clears the signal.
    end_with_parent()
    if os.getppid() != int(runner):
        sys.exit("the runner ended before its job started")
    try:
        os.execvp(program[0], program)  # noqa: S606
    except OSError as error:
        sys.exit(f"error: {program[0]} can't be started: {error.strerror}")


def end_with_parent() -> None:
    """Let the kernel end this process when the thread that started it ends, on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def mount_opt_ml(folder: str) -> None:
    """Make ``folder`` this process's ``/opt/ml`` and its working folder. Raise OSError."""
    _enter_mount_namespace()
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    source = os.open(folder, _O_PATH)
    if not os.path.isdir(OPT_ML):
        _replace_parent()
    _bind(source, OPT_ML)
    os.chdir(OPT_ML)


def _enter_mount_namespace() -> None:
    """Enter a new mount namespace; without the privilege, as oneself in a new user namespace."""
    user, group = os.geteuid(), os.getegid()
    if _libc().unshare(_CLONE_NEWNS) == 0:
        return
    _check(_libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNS))
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(content)


def _replace_parent() -> None:
    """Cover ``/opt`` by a folder in memory, in which its entries appear beside an empty ``ml``."""
    parent = os.path.dirname(OPT_ML)
    links = {entry.name: os.readlink(entry) for entry in os.scandir(parent) if entry.is_symlink()}
    entries = {
        entry.name: (os.open(entry, _O_PATH), entry.is_dir())
        for entry in os.scandir(parent)
        if entry.name not in links
    }
    _mount("tmpfs", parent, "tmpfs", 0)
    for name, target in links.items():
        os.symlink(target, os.path.join(parent, name))
    for name, (source, is_folder) in entries.items():
        path = os.path.join(parent, name)
        if is_folder:
            os.mkdir(path)
        else:
            os.close(os.open(path, os.O_CREAT))
        _bind(source, path)
    os.mkdir(OPT_ML)


def _bind(source: int, target: str) -> None:
    """Show the file or folder that is open as ``source`` at ``target``, too."""
    _mount(f"/proc/self/fd/{source}", target, None, _MS_BIND | _MS_REC)
    os.close(source)


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    encoded = [text and os.fsencode(text) for text in (source, target, kind)]
    _check(_libc().mount(*encoded, ctypes.c_ulong(flags), None))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main()
