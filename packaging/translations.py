"""`python packaging/translations.py`: the window's words, collected anew for translation.

Writes `resources/translations/genani_en.ts` with every text that counts something, fills in the
English forms of what is new (`frame(s)` becomes `frame` and `frames`), and makes the `.qm` that the
program reads. Forms that were written by hand stay.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "resources" / "translations" / "genani_en.ts"


def main() -> None:
    """Collect, fill in, compile."""
    tools = Path(sys.executable).parent
    code = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "genani").rglob("*.py"))
    collect = ["pyside6-lupdate", *code, "-pluralonly", "-no-obsolete", "-locations", "none"]
    languages = ["-source-language", "en", "-target-language", "en"]
    run(tools, *collect, *languages, "-ts", str(SOURCE))
    fill(SOURCE)
    run(tools, "pyside6-lrelease", str(SOURCE), "-qm", str(SOURCE.with_suffix(".qm")))


def run(tools: Path, name: str, *arguments: str) -> None:
    """Run one of Qt's tools in the project's folder."""
    subprocess.run([tools / name, *arguments], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def fill(path: Path) -> None:
    """Give every text that has no forms yet its two English ones."""
    tree = Xml.parse(path)
    for message in tree.iter("message"):
        text, translation = message.findtext("source", ""), message.find("translation")
        if translation is None or translation.get("type") != "unfinished":
            continue
        del translation.attrib["type"]
        for form, ending in zip(translation.iter("numerusform"), ("", "s"), strict=True):
            form.text = text.replace("(s)", ending)
    Xml.indent(tree, "    ")
    head = b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_bytes(head + Xml.tostring(tree.getroot(), "utf-8") + b"\n")


if __name__ == "__main__":
    main()
