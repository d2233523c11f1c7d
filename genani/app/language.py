"""What the window says, in a language."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTranslator


def speak(application: QCoreApplication, folder: Path, language: str = "en") -> bool:
    """Say everything in a language from now on; False where it has no file in the folder.

    The texts in the code are English already; the English file only tells one from many.
    """
    translator = QTranslator(application)
    return translator.load(f"genani_{language}", str(folder)) and (
        application.installTranslator(translator)
    )
