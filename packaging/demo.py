"""`make demo`: from two sample keys to in-betweens on disk, with weights that come with GenAni.

Run by the Python of `.venv`, from the repository's root.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SAMPLES = Path("resources/samples/neutral_to_happy")
OUT = Path("out")


def genani(*arguments: str | Path) -> int:
    """Run the command line as a person would, and show what was run."""
    words = [str(argument) for argument in arguments]
    print(f"\n$ genani {' '.join(words)}", flush=True)
    return subprocess.run([sys.executable, "-m", "genani.cli", *words], check=False).returncode


def main() -> int:
    """Draw the sample's in-betweens and say where they are."""
    keys = sorted(SAMPLES.glob("*.png"))
    if len(keys) < 2:
        print(f"demo: {SAMPLES} holds no two keys", file=sys.stderr)
        return 1
    first, last = keys[0], keys[-1]
    outs = ("--out", OUT / "demo.gif", "--out", OUT / "demo")
    failed = genani("inbetween", first, last, "--count", "7", "--engine", "rife", *outs)
    if failed:
        return failed
    print(f"\nKeys:       {first}\n            {last}")
    print(f"GIF:        {(OUT / 'demo.gif').absolute()}")
    print(f"Sequence:   {(OUT / 'demo').absolute()}{os.sep}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
