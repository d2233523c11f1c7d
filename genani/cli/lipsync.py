"""`genani lipsync`: mouth shapes from a recording or a lip-sync file, to a file or a scene."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from genani.cli.layers import layer_called
from genani.cli.progress import bar
from genani.media import lipsync_files, lipsync_sphinx, lipsync_voice, project
from genani.media.lipsync import HOLD, spoken_of
from genani.media.project import Project
from genani.scene.acting import MouthCue
from genani.scene.document import Layer, Scene
from genani.scene.edits import ChangeLayer
from genani.scene.errors import PictureError, SceneError
from genani.scene.picture import Picture, PictureId
from genani.scene.time import Rate, check_frame


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument(
        "voice",
        type=Path,
        metavar="VOICE|FILE",
        help="a recording, or a lip-sync file (.dat .tsv .xml .json)",
    )
    parser.add_argument("--rate", metavar="FPS", help="frames a second (24, or the scene's)")
    parser.add_argument(
        "--min-hold",
        type=int,
        default=HOLD,
        metavar="N",
        help=f"frames that a mouth shape is held for at least ({HOLD})",
    )
    parser.add_argument(
        "--start", type=int, default=1, metavar="FRAME", help="frame the voice begins on (1)"
    )
    parser.add_argument("--script", default="", metavar="TEXT", help="what is said, in English")
    parser.add_argument(
        "--phonetic", action="store_true", help="Rhubarb goes by sounds: not an English voice"
    )
    parser.add_argument(
        "--rhubarb", type=Path, metavar="PROGRAM", help="Rhubarb Lip Sync, if not on the PATH"
    )
    parser.add_argument(
        "--out",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="write the shapes: .dat .tsv or .json; may be given several times",
    )
    parser.add_argument(
        "--letters", action="store_true", help="letters A to H and X in a .dat, not AI, O, MBP..."
    )
    parser.add_argument("--scene", type=Path, metavar="SCENE", help="a .genani file to put it into")
    parser.add_argument("--layer", metavar="NAME", help="the layer of the scene with the face")
    parser.add_argument("--json", action="store_true", help="report as JSON on standard output")


def run(options: argparse.Namespace) -> int:
    """Find the mouth shapes and put them where they are wanted; returns the exit code."""
    for target in options.out:
        lipsync_files.check_writable(target)
    check_frame(options.start)
    opened = project.load(options.scene) if options.scene else None
    layer = _layer(opened.scene, options.layer) if opened else None
    if options.layer and opened is None:
        raise SceneError("--layer needs --scene, the scene that the layer is in")
    rate = Rate.of(options.rate or (opened.scene.rate.fraction if opened else 24))
    found = _found(options, rate)
    for target in options.out:
        spoken = spoken_of(found, rate, options.start)
        lipsync_files.write(target, spoken, rate, letters=options.letters or None)
    if opened and layer:
        _put(opened, layer, found)
    _report(found, options)
    return 0


def _found(options: argparse.Namespace, rate: Rate) -> tuple[MouthCue, ...]:
    said: list[str] = []
    with bar(options.voice.name) as progress:

        def told(share: float, text: str) -> None:
            said.append(text)
            progress(share, text)

        found = lipsync_voice.load(
            options.voice,
            rate,
            options.min_hold,
            start=options.start,
            script=options.script,
            english=not options.phonetic,
            rhubarb=options.rhubarb,
            progress=told,
        )
    if lipsync_sphinx.NOT_FOUND in said:
        print(f"genani: {lipsync_sphinx.NOT_FOUND}", file=sys.stderr)
    return found


def _layer(scene: Scene, name: str | None) -> Layer:
    """The layer that is meant.

    Raises:
        SceneError: there is none, there are several, or it is locked.
    """
    layer = layer_called(scene, name)
    if layer.locked:
        raise SceneError(f"layer {layer.name} is locked")
    return layer


def _put(opened: Project, layer: Layer, found: Sequence[MouthCue]) -> None:
    """Set the shapes in the layer's mouth lane and save the scene."""
    edit = ChangeLayer(layer.id, acting=layer.acting.with_mouths(found))
    scene, _ = edit.apply(opened.scene)

    def picture(picture_id: PictureId) -> Picture:
        held = opened.picture(picture_id)
        if held is None:
            raise PictureError("the scene file does not hold it")
        return held

    # Here, as faces take time to import.
    from genani.face.attach import drawn

    done = project.save(scene, picture, opened.path, opened.takes, opened.drawn, worn=drawn)
    for problem in (*opened.problems, *done.problems):
        print(f"genani: {problem}", file=sys.stderr)


def _report(found: Sequence[MouthCue], options: argparse.Namespace) -> None:
    if options.json:
        rows = [{"frame": cue.frame, "shape": cue.shape} for cue in found]
        print(json.dumps(rows))
    elif options.out or options.scene:
        frames = found[-1].frame - found[0].frame if found else 0
        print(f"{sum(cue.shape is not None for cue in found)} mouth shapes on {frames} frames")
        for target in (*options.out, *([options.scene] if options.scene else [])):
            print(target)
    else:
        for cue in found:
            print(f"{cue.frame}\t{cue.shape or '-'}")
