"""The script `siprems`: making, recognising and repairing its virtual environment."""

import ast
import importlib.machinery
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from siprems_local.home import CHECKOUT


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script as a module."""
    loader = importlib.machinery.SourceFileLoader("siprems_script", str(CHECKOUT / "siprems"))
    spec = importlib.util.spec_from_loader("siprems_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    writes = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    sys.dont_write_bytecode = writes
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose locked requirements are empty, so that nothing is downloaded."""
    folder = tmp_path / "check out"
    folder.mkdir()
    (folder / "siprems").write_bytes((CHECKOUT / "siprems").read_bytes())
    (folder / "requirements-local.txt").write_text("# Nothing.\n")
    package = folder / "siprems_local"
    package.mkdir()
    (package / "__main__.py").write_text("import sys; print(sys.prefix, sys.argv[1:])\n")
    return folder


def _run(checkout: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(checkout / "siprems"), *arguments],
        env={"PATH": "/usr/bin:/bin", "HOME": str(checkout)} | settings,
        cwd="/",
        check=False,
        capture_output=True,
        text=True,
    )


def test_it_makes_the_environment_once_and_repairs_it(checkout: Path) -> None:
    first = _run(checkout, "status", "--any")
    assert first.returncode == 0, first.stderr
    assert first.stdout == f"{checkout / '.venv'} ['status', '--any']\n"
    assert "Installing requirements-local.txt" in first.stderr
    assert _run(checkout, "status").stderr == ""

    (checkout / "requirements-local.txt").write_text("# Nothing, in other words.\n")
    changed = _run(checkout, "status").stderr
    assert "Installing" in changed
    assert "Making" not in changed

    (checkout / ".venv" / ".siprems-unfinished").touch()
    assert "Making" in _run(checkout, "status").stderr, "a run was killed in the middle"
    (checkout / ".venv" / "bin" / "python").unlink()
    assert "Making" in _run(checkout, "status").stderr, "its Python is gone"
    moved = checkout.rename(checkout.with_name("moved"))
    assert "Making" in _run(moved, "status").stderr, "scripts inside name the old place"
    assert _run(moved, "status").stderr == ""


def test_help_needs_no_environment(checkout: Path) -> None:
    assert _run(checkout).stdout.endswith("['--help']\n")
    assert _run(checkout, "--help").returncode == 0
    assert not (checkout / ".venv").exists()


def test_a_folder_of_something_else_is_left_alone(checkout: Path) -> None:
    venv = checkout / ".venv"
    venv.mkdir()
    (venv / "diary.txt").write_text("mine")
    refused = _run(checkout, "status")
    assert refused.returncode == 1
    assert "is not a virtual environment" in refused.stderr
    assert (venv / "diary.txt").read_text() == "mine"


def test_a_python_that_does_not_run_is_refused(checkout: Path) -> None:
    refused = _run(checkout, "status", SIPREMS_PYTHON="no-such-python")
    assert refused.returncode == 1
    assert "no-such-python" in refused.stderr


def test_the_syntax_is_that_of_an_old_python() -> None:
    source = (CHECKOUT / "siprems").read_text()
    compile(source, "siprems", "exec", dont_inherit=True)
    ast.parse(source, feature_version=(3, 6))


def test_stamps_that_cannot_be_read_count_as_none(script: ModuleType, tmp_path: Path) -> None:
    venv = script.Venv(str(tmp_path))
    for content in ("", "[]", "{", "\x00"):
        (tmp_path / script.STAMP).write_text(content)
        assert venv.read_stamp() == {}
    venv.write_stamp({"folder": "x"})
    assert venv.read_stamp() == {"folder": "x"}


def test_version_of(script: ModuleType, tmp_path: Path) -> None:
    assert script.version_of(sys.executable) == sys.version_info[:2]
    assert script.version_of(str(tmp_path / "none")) is None
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho not a version\n")
    broken.chmod(0o755)
    assert script.version_of(str(broken)) is None


def test_only_continuous_integration_installs_the_framework(checkout: Path) -> None:
    for name in ("requirements-dev.txt", "requirements-torch.txt"):
        (checkout / name).write_text("# Nothing.\n")
    asked = _run(checkout, "test")
    assert asked.returncode == 0, asked.stderr
    assert "requirements-torch.txt" not in asked.stderr
    # What cannot be used is no reason to run no tests at all.
    unasked = _run(checkout, "test", CI="1")
    assert unasked.returncode == 0, unasked.stderr
    assert "Installing requirements-torch.txt" in unasked.stderr
    assert "tests of it are skipped" in unasked.stderr


def test_locks_name_no_index_and_agree() -> None:
    pinned: dict[str, set[str]] = {}
    for name in (
        "requirements-dev.txt",
        "requirements-local.txt",
        "requirements.txt",
        "requirements-web.txt",
    ):
        lines = (CHECKOUT / name).read_text().splitlines()
        assert not [line for line in lines if "://" in line or "index-url" in line or "find-links" in line]
        pinned[name] = {line.split(" \\")[0].split(" ;")[0] for line in lines if line[:1].isalnum()}
    for name in ("requirements-torch.txt", "requirements-tensorflow.txt"):
        assert "://" not in (CHECKOUT / name).read_text()
    assert all(pins <= pinned["requirements-dev.txt"] for pins in pinned.values())
    assert pinned["requirements-web.txt"] <= pinned["requirements.txt"]
