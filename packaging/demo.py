"""`make demo`: from two sample keys to in-betweens on disk, with a learned engine.

Run by the Python of `.venv`, from the repository's root.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from genani.scene.errors import ModelError
from genani.store.entry import bytes_to_fetch, told_name
from genani.store.errand import megabytes
from genani.store.models import Catalogue

MODEL = "rife-4.6"
SAMPLES = Path("resources/samples/neutral_to_happy")
OUT = Path("out")


def genani(*arguments: str | Path) -> int:
    """Run the command line as a person would, and show what was run."""
    words = [str(argument) for argument in arguments]
    print(f"\n$ genani {' '.join(words)}", flush=True)
    return subprocess.run([sys.executable, "-m", "genani.cli", *words], check=False).returncode


def agreed(catalogue: Catalogue) -> bool:
    """Say what would be downloaded and ask; without a terminal, `make demo` was the asking."""
    entry = catalogue.info(MODEL)
    print(f"The demo draws with {entry.title} ({entry.licence}; {entry.credit}).")
    print("It is not installed yet, and is fetched from the first of these that answers:")
    for source in entry.sources:
        size = megabytes(bytes_to_fetch(source, entry.files))
        print(f"    {told_name(source)}, {size}")
    print(f"It is verified and kept in {catalogue.store}.", flush=True)
    if not sys.stdin.isatty() or os.environ.get("GENANI_YES") == "1":
        return True
    return input("Download it? [y/N] ").strip().lower() in ("y", "yes")


def engine() -> str:
    """The engine to draw with: RIFE, or the best there is if its model cannot be had."""
    catalogue = Catalogue()
    if catalogue.state(MODEL).status.usable:
        return "rife"
    if agreed(catalogue) and genani("models", "fetch", MODEL) == 0:
        return "rife"
    print("\nGoing on without it, with the best engine that is installed.", flush=True)
    return "auto"


def main() -> int:
    """Draw the sample's in-betweens and say where they are."""
    keys = sorted(SAMPLES.glob("*.png"))
    if len(keys) < 2:
        print(f"demo: {SAMPLES} holds no two keys", file=sys.stderr)
        return 1
    first, last = keys[0], keys[-1]
    try:
        chosen = engine()
    except ModelError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    outs = ("--out", OUT / "demo.gif", "--out", OUT / "demo")
    failed = genani("inbetween", first, last, "--count", "7", "--engine", chosen, *outs)
    if failed:
        return failed
    print(f"\nKeys:       {first}\n            {last}")
    print(f"GIF:        {(OUT / 'demo.gif').absolute()}")
    print(f"Sequence:   {(OUT / 'demo').absolute()}{os.sep}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
