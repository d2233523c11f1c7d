"""The files of translation match the code, and count in English."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QApplication

import genani
from genani import resources
from genani.app.language import speak

FOLDER = resources.folder("resources") / "translations"
AGAIN = "run packaging/translations.py"


def counted() -> set[tuple[str, str]]:
    """(class, text) of every text in the code that counts something."""
    found: set[tuple[str, str]] = set()
    for path in Path(genani.__path__[0]).rglob("*.py"):
        for kind in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(kind, ast.ClassDef):
                found |= {(kind.name, text) for text in _counted(kind)}
    return found


def _counted(kind: ast.ClassDef) -> list[str]:
    return [
        call.args[0].value
        for call in ast.walk(kind)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "tr"
        and len(call.args) == 3
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]


def messages() -> dict[tuple[str, str], list[str]]:
    """The English forms by (class, text)."""
    return {
        (context.findtext("name", ""), message.findtext("source", "")): [
            form.text or "" for form in message.iter("numerusform")
        ]
        for context in Xml.parse(FOLDER / "genani_en.ts").iter("context")
        for message in context.iter("message")
    }


@pytest.fixture
def english(qapp: QApplication) -> Iterator[QApplication]:
    assert speak(qapp, FOLDER)
    yield qapp
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()


def test_every_text_that_counts_has_its_forms() -> None:
    assert set(messages()) == counted(), AGAIN
    for (_, text), forms in messages().items():
        assert len(forms) == 2, text
        assert not any("(s)" in form for form in forms), text
        assert all("%n" in form for form in forms), text


def test_the_compiled_file_says_the_same(english: QApplication) -> None:
    for (context, text), (one, many) in messages().items():
        for count, form in ((1, one), (2, many), (0, many), (21, many)):
            said = QCoreApplication.translate(context, text, "", count)
            assert said == form.replace("%n", str(count)), AGAIN


def test_the_files_are_as_the_tools_make_them(tmp_path: Path) -> None:
    made = tmp_path / "made.qm"
    tool = shutil.which("pyside6-lrelease", path=str(Path(sys.executable).parent))
    assert tool
    subprocess.run(
        [tool, FOLDER / "genani_en.ts", "-qm", made], check=True, stdout=subprocess.DEVNULL
    )
    assert made.read_bytes() == (FOLDER / "genani_en.qm").read_bytes(), AGAIN


def test_a_language_without_a_file(qapp: QApplication, tmp_path: Path) -> None:
    assert not speak(qapp, tmp_path)
