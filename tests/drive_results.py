"""`python -m tests.drive_results OUT [PART ...]`: what the systems of issue 8 learnt, in use.

The whole window on an X server of its own, with real mouse and keys (`tests.hands`):

    stylise  every style on a key, a span and a clip: strength, wipe, kept, undone
    animate  a character walks and jumps, pixel art stays pixel art; onto the timeline
    digits   GANime between two moving digits and between two drawings: cancelled, drawn, scrubbed
    seeds    faces from seeds: mixed, older, onto the timeline
    attach   glasses pinned to a turning head, through every in-between

Each part has a window of its own. A screenshot of every step is left in OUT, to be looked at. What
is not installed is skipped, and a line says so; what is installed and fails is said, with exit code
1. `GENANI_MODELS` names a store with the published models and `kenney-toon-characters`.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.drive_window import desktop

DISPLAY = ":79"
MINUTES = 40
"""At most for one part."""

PARTS = ("stylise", "animate", "digits", "seeds", "attach")


def main() -> int:
    """Drive the window; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for the screenshots")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--display", default=DISPLAY, help="of the X server that is started")
    parser.add_argument("--inside", choices=PARTS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    if given.inside:
        for old in out.glob(f"{given.inside}-*.png"):
            old.unlink()
        return inside(given.inside, out)
    unknown = sorted(set(given.parts) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}")
    failed = []
    for part in given.parts or PARTS:
        with desktop(given.display) as environment:
            words = [sys.executable, "-m", "tests.drive_results", str(out), "--inside", part]
            try:
                done = subprocess.run(
                    words, env=environment, check=False, timeout=60 * MINUTES
                ).returncode
            except subprocess.TimeoutExpired:
                done = 1
        print(f"{part}: {'FAILED' if done else 'done'}", flush=True)
        failed += [part] if done else []
    return 1 if failed else 0


def inside(part: str, out: Path) -> int:
    """One part, in this process, on the display that is there; returns the exit code."""
    import qasync

    from genani.__main__ import make_application, make_services
    from genani.app.session import Session
    from genani.ui.main_window import MainWindow
    from tests import results
    from tests.hands import Hands

    loop = qasync.QEventLoop(make_application([]))
    asyncio.set_event_loop(loop)
    session = Session(make_services())
    window = MainWindow(session)
    window.resize(1600, 960)
    window.show()
    session.renders.start()
    hands = Hands(window, session, out, part)
    use: Callable[[Hands, Path], Awaitable[list[str]]] = getattr(results, part)

    async def visit() -> list[str]:
        await hands.place(window, 0, 0)
        try:
            wrong = await use(hands, out)
        except Exception:  # a mistake anywhere: what the screen showed then helps to find it
            await hands.shot("FAILED")
            wrong = [traceback.format_exc()]
        await session.close(True)
        window.shut()
        return wrong

    with loop:
        wrong = loop.run_until_complete(visit())
    for text in wrong:
        print(f"{part}: {text}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
