from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([0-9][0-9.]*)$")


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "packaging" / "constraints.txt").read_text("utf-8").splitlines()
    found = [PIN.match(line) for line in lines if line and not line.startswith("#")]
    assert all(found), "a line of constraints.txt is no exact pin"
    return {plain(match[1]): match[2] for match in found if match}


def direct_dependencies() -> list[str]:
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    for extra in PROJECT["project"]["optional-dependencies"].values():
        wanted += extra
    return [plain(re.split(r"[<>=!~\[; ]", item, maxsplit=1)[0]) for item in wanted]


def test_every_direct_dependency_is_pinned() -> None:
    assert set(direct_dependencies()) <= set(pins())


def test_torch_is_the_version_the_makefile_installs_first() -> None:
    assert f"torch=={pins()['torch']}" in (ROOT / "Makefile").read_text("utf-8")


@pytest.fixture
def check_system() -> ModuleType:
    path = ROOT / "packaging" / "check_system.py"
    spec = importlib.util.spec_from_file_location("check_system", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_missing_library_is_told_with_its_package(
    check_system: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(check_system, "REQUIRED", {"libnone.so.9": "libnone9"})
    monkeypatch.setattr(check_system, "WINDOW", {"libxcb-none.so.1": "libxcb-none1"})
    assert check_system.main() == 1
    told = capsys.readouterr().out
    assert "sudo apt-get install libnone9 libxcb-none1" in told


def test_what_only_the_window_lacks_is_a_note(
    check_system: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(check_system, "REQUIRED", {"libc.so.6": "libc6"})
    monkeypatch.setattr(check_system, "WINDOW", {"libxcb-none.so.1": "libxcb-none1"})
    assert check_system.main() == 0
    assert capsys.readouterr().out.startswith("Note: ")


def test_a_python_that_does_not_fit_is_told() -> None:
    done = subprocess.run(
        [ROOT / "packaging" / "find_python.sh"],
        env={**os.environ, "PYTHON": "/bin/false"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "GenAni needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_this_python_fits() -> None:
    done = subprocess.run(
        [ROOT / "packaging" / "find_python.sh"],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == sys.executable
