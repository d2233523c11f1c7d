"""`genani clips`: films into clips to train on; check, annotate and augment these; soft edges."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from genani.cli.progress import bar, by_lines
from genani.engines import registry
from genani.face.detect import CASCADE, CASCADE_FILE, MODEL, MODEL_FILE, FaceDetector
from genani.media.files import shown
from genani.scene.errors import FileError, ModelError
from genani.store.models import path

if TYPE_CHECKING:
    from genani.face.expression_net import ExpressionNet

NET_FILE = "face_expression_model.bin"
"""A file of the expression net, by which its folder is found."""

MOST_FACES = 4
"""More faces than this in one shot are a crowd; the largest are taken."""

_SIZES = ("256x256", "512x320")
_PROBLEMS_SHOWN = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    tasks = parser.add_subparsers(dest="task", metavar="TASK", required=True)
    _add_import(
        tasks.add_parser("import", help="cut films into clips", description=_import.__doc__)
    )
    rights = tasks.add_parser(
        "rights", help="say who made the films and what may be done with them"
    )
    rights.add_argument("dataset", type=Path, metavar="DIR", help="the data set")
    rights.add_argument("--film", metavar="NAME", help="only this film (default: all)")
    _add_rights(rights)
    check = tasks.add_parser("check", help="say what is wrong in a data set, and where")
    check.add_argument("dataset", type=Path, metavar="DIR", help="the data set")
    check.add_argument("--deep", action="store_true", help="decode every frame")
    annotate = tasks.add_parser("annotate", help="find faces, mouth shapes, blinks and emotions")
    annotate.add_argument("dataset", type=Path, metavar="DIR", help="the data set")
    _add_workers(annotate)
    annotate.add_argument("--again", action="store_true", help="also clips that were done before")
    augment = tasks.add_parser("augment", help="write a data set several times as large")
    augment.add_argument("dataset", type=Path, metavar="DIR", help="the data set")
    augment.add_argument("--out", type=Path, required=True, metavar="DIR", help="the new one")
    augment.add_argument(
        "--factor", type=int, default=7, metavar="N", help="how many times as large (7)"
    )
    augment.add_argument("--seed", type=int, default=0, metavar="S", help="of the chances (0)")
    _add_workers(augment)
    soft = tasks.add_parser(
        "smooth-edges",
        help="write drawings once more with soft edges: the third class of CartoonGAN",
        description=_smooth_edges.__doc__,
    )
    soft.add_argument("folder", type=Path, metavar="DIR", help="the drawings")
    soft.add_argument(
        "--out", type=Path, metavar="DIR", help="where to (default: DIR with '_smooth' after it)"
    )
    soft.add_argument(
        "--reach", type=int, default=5, metavar="N", help="width of what is smoothed, odd (5)"
    )


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "films",
        type=Path,
        nargs="+",
        metavar="VIDEO|FOLDER",
        help="videos, animations, folders of them or of numbered pictures, or clips that others "
        "have recorded",
    )
    parser.add_argument(
        "--dataset", type=Path, required=True, metavar="DIR", help="the data set to add to"
    )
    parser.add_argument("--size", choices=_SIZES, default=_SIZES[0], help="of the frames")
    parser.add_argument(
        "--crop",
        choices=("face", "whole"),
        default=None,
        help="a window around each face, or the whole picture (default: face where the face model "
        "is installed)",
    )
    parser.add_argument(
        "--length", type=int, default=48, metavar="N", help="frames of a clip, about (48)"
    )
    _add_rights(parser)


def _add_rights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--made-by", default="", metavar="NAME", help="who made the films")
    parser.add_argument(
        "--licence", default="", metavar="TEXT", help="under which licence, or 'own work'"
    )
    allowed = parser.add_mutually_exclusive_group()
    allowed.add_argument(
        "--may-train", action="store_true", default=None, help="you may train on them"
    )
    allowed.add_argument(
        "--may-not-train", dest="may_train", action="store_false", help="you may not"
    )


def _add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", type=int, default=_workers(), metavar="N", help="clips at once (%(default)s)"
    )


def _workers() -> int:
    return max(1, min(8, (os.cpu_count() or 2) - 1))


def run(options: argparse.Namespace) -> int:
    """Do the task; returns the exit code."""
    tasks = {
        "import": _import,
        "rights": _rights,
        "check": _check,
        "annotate": _annotate,
        "augment": _augment,
        "smooth-edges": _smooth_edges,
    }
    if not 1 <= getattr(options, "workers", 1) <= 64:
        raise FileError(f"--workers takes 1 to 64, not {options.workers}")
    return tasks[options.task](options)


def _import(options: argparse.Namespace) -> int:
    """Cut films into clips of about two seconds at 24 frames a second, without stills and fades."""
    from genani.training.clips.dataset import SIZES, Rights
    from genani.training.clips.importing import Crop, ImportOptions, import_clips
    from genani.training.clips.shots import SHORTEST

    if options.length < SHORTEST:
        raise FileError(f"--length takes {SHORTEST} frames or more, not {options.length}")
    installed = registry.installed(MODEL)
    if options.crop == "face" and not installed:
        raise ModelError(f"faces cannot be found: run `genani models fetch {MODEL}`")
    crop = Crop(options.crop or ("face" if installed else "whole"))
    rights = Rights(options.made_by, options.licence, options.may_train)
    wanted = ImportOptions(SIZES[options.size], crop, rights, options.length)
    detector = _detector(MOST_FACES) if crop is Crop.FACE else None
    try:
        with bar("import") as progress:
            outcomes = import_clips(options.films, options.dataset, wanted, detector, progress)
    finally:
        if detector is not None:
            detector.close()
    for outcome in outcomes:
        if outcome.failed:
            print(f"genani: {outcome.failed}", file=sys.stderr)
            continue
        known = f", {outcome.known} were there before" if outcome.known else ""
        print(f"{outcome.path}: {_count(len(outcome.clips), 'clip')}{known}")
        for note in outcome.notes:
            print(f"  {note}")
    if rights.wanting is not None and not by_lines():
        print(
            f"before training: {rights.wanting}; `genani clips rights "
            f"{shown(options.dataset)} --made-by NAME --licence TEXT --may-train` says so"
        )
    if options.crop is None and not installed:
        print(f"whole pictures were taken; faces need `genani models fetch {MODEL}`")
    return 0 if any(outcome.clips or outcome.known for outcome in outcomes) else 2


def _rights(options: argparse.Namespace) -> int:
    from genani.training.clips import dataset
    from genani.training.clips.dataset import Rights

    data = dataset.read(options.dataset)
    if options.made_by or options.licence or options.may_train is not None:
        rights = Rights(options.made_by, options.licence, options.may_train)
        film = options.film
        with dataset.held(options.dataset):
            data = dataset.set_rights(
                data, rights, lambda note: film in (None, note.name, note.file)
            )
    for note in data.sources:
        told = note.rights
        maker = f"made by {told.made_by}" if told.made_by else "nobody has said who made it"
        licence = f", {told.licence}" if told.licence else ""
        verdict = told.wanting or "may be trained on"
        print(f"{note.file}: {maker}{licence}; {verdict}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from genani.training.clips.checking import check

    with bar("check") as progress:
        found = check(options.dataset, progress, options.deep)
    for problem in found.problems[:_PROBLEMS_SHOWN]:
        print(f"{'note: ' if problem.minor else ''}{problem}")
    if len(found.problems) > _PROBLEMS_SHOWN:
        print(f"and {len(found.problems) - _PROBLEMS_SHOWN} more")
    print(
        f"{_count(found.clips, 'clip')}, {_count(found.frames, 'frame')}; {found.annotated} "
        f"annotated, {found.labelled} with an emotion"
    )
    return 2 if any(not problem.minor for problem in found.problems) else 0


def _annotate(options: argparse.Namespace) -> int:
    from genani.training.clips.annotating import annotate

    if not registry.installed(MODEL):
        raise ModelError(f"faces cannot be found: run `genani models fetch {MODEL}`")
    with bar("annotate") as progress:
        found = annotate(
            options.dataset, _detector, _net(), options.workers, progress, options.again
        )
    for name, why in found.failed.items():
        print(f"genani: {name}: {why}", file=sys.stderr)
    print(
        f"{_count(len(found.clips), 'clip')} annotated, {found.known} were before; "
        f"{_count(found.gaps, 'frame')} interpolated"
    )
    if found.faceless:
        names = ", ".join(map(shown, found.faceless[:5]))
        more = ", ..." if len(found.faceless) > 5 else ""
        print(f"no face found in {_count(len(found.faceless), 'clip')}: {names}{more}")
    return 2 if found.failed else 0


def _augment(options: argparse.Namespace) -> int:
    from genani.training.clips.augmenting import augment

    with bar("augment") as progress:
        made = augment(
            options.dataset, options.out, options.factor, options.seed, options.workers, progress
        )
    for name, why in made.failed.items():
        print(f"genani: {name}: {why}", file=sys.stderr)
    print(f"{shown(options.out)}: {_count(made.clips, 'clip')}, {made.made} of them new")
    return 2 if made.failed else 0


def _smooth_edges(options: argparse.Namespace) -> int:
    """Smooth a folder of drawings around their edges only, alpha kept (CartoonGAN, section 3.2.1).

    Training does it by itself; this is for looking at it, and for other programs.
    """
    from genani.training.clips.soft_edges import smooth_edges

    folder: Path = options.folder
    whole = folder.resolve()
    out = options.out or whole.with_name(f"{whole.name}_smooth")
    with bar("smooth-edges") as progress:
        made = smooth_edges(folder, out, reach=options.reach, progress=progress)
    print(f"{shown(out)}: {_count(len(made), 'picture')} with soft edges")
    return 0


def _detector(faces: int = 1) -> FaceDetector:
    cascade = path(CASCADE, CASCADE_FILE) if registry.installed(CASCADE) else None
    return FaceDetector(path(MODEL, MODEL_FILE), faces, cascade=cascade)


def _net() -> ExpressionNet | None:
    # Here, as it imports torch.
    from genani.face.expression_net import MODEL as NET
    from genani.face.expression_net import ExpressionNet

    if not registry.installed(NET):
        return None
    return ExpressionNet(path(NET, NET_FILE).parent)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
