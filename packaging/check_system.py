"""Says which Debian packages are missing for Qt and MediaPipe, and installs them on a CI machine.

Runs on a bare Python, before GenAni's own environment exists: standard library only.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

REQUIRED = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLESv2.so.2": "libgles2",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
}
"""Library and the Debian package that brings it: without these `import` or the tests fail."""

WINDOW = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Needed besides to open the window on X11; the command line and the tests work without."""


def missing(libraries: dict[str, str]) -> list[str]:
    """Debian packages of those libraries that cannot be loaded."""
    packages = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            packages.append(package)
    return packages


def install(packages: list[str]) -> None:
    """Install with apt-get; what fails shows when the libraries are looked for again."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        print(f"check_system: {' '.join(command)}", flush=True)
        try:
            subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, check=False)
        except OSError as error:
            print(f"check_system: {error}", file=sys.stderr)


def on_ci_as_root() -> bool:
    """Whether this is a machine that is nobody's own."""
    return os.environ.get("CI") == "true" and hasattr(os, "geteuid") and os.geteuid() == 0


def main() -> int:
    """0 if all that is needed to work is there, with a note on what the window lacks; else 1."""
    if not sys.platform.startswith("linux"):
        return 0
    if on_ci_as_root() and (lacking := missing({**REQUIRED, **WINDOW})):
        install(lacking)
    if lacking := missing(REQUIRED):
        print("GenAni cannot run: Qt and MediaPipe need system libraries that are not installed.")
        print("On Debian and Ubuntu install them with:\n")
        everything = missing({**REQUIRED, **WINDOW})
        print(f"    sudo apt-get install {' '.join(everything)}\n")
        return 1
    if lacking := missing(WINDOW):
        print(
            "Note: to open GenAni's window on X11 you also need (the command line works without):"
        )
        print(f"    sudo apt-get install {' '.join(lacking)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
