"""The bare head: silhouette, ears, nose, blush, freckles, wrinkles and beard."""

from __future__ import annotations

import cv2
import numpy as np

from genani.face.mesh import CONTOURS, canonical
from genani.training.rig.puppet.brush import (
    FloatArray,
    Mask,
    Sheet,
    both,
    ellipse,
    fill,
    mixed,
    noise,
    ribbon,
    shifted,
    smooth,
    softened,
    to,
)
from genani.training.rig.puppet.head import SKULL, Head, turned


def silhouette(head: Head, size: int) -> Mask:
    """All that the head covers on the sheet: the mesh and the skull, rounded off."""
    sheet = Sheet(size)
    mask = np.zeros((size, size), np.uint8)
    corners = np.round(sheet.place(head.points)[canonical().triangles] * 16).astype(np.int32)
    for triangle in corners:
        cv2.fillConvexPoly(mask, triangle, 255, cv2.LINE_8, 4)
    ax, ay, az = head.axes
    c, s = np.cos(np.radians(head.who.yaw)), np.sin(np.radians(head.who.yaw))
    fill(mask, sheet.place(ellipse(0, SKULL[1], float(np.hypot(c * ax, s * az)), ay)))
    soft = softened(mask, 0.05 * sheet.unit)
    return np.clip((soft.astype(np.int16) - 128) * 12 + 128, 0, 255).astype(np.uint8)


def paint(head: Head, size: int, hair: Mask) -> tuple[Sheet, Mask]:
    """The head on its sheet, under hair that throws a shadow, and its silhouette."""
    who, sheet = head.who, Sheet(size)
    mask = silhouette(head, size)
    near = 1 if who.yaw < 0 else -1
    aside = abs(who.yaw) > 20
    for side in (-1, 1):
        if not (aside and side == near):
            _ear(sheet, head, side)
    sheet.lay(mask, who.skin)
    who.shading.apply(sheet, mask, who.dark_skin)
    _cast(sheet, head, mask, hair)
    who.pen.outline(sheet, mask, who.line, 1.1)
    if aside:
        _ear(sheet, head, near)
    _colours(sheet, head, mask)
    _beard(sheet, head, mask)
    _nose(sheet, head, mask)
    _age(sheet, head, mask)
    who.shading.finish(sheet)
    return sheet, mask


def _cast(sheet: Sheet, head: Head, mask: Mask, hair: Mask) -> None:
    if head.who.shading.kind == "flat" or not hair.any():
        return
    light = head.who.shading.light
    fallen = shifted(hair, -0.05 * light[0] * sheet.unit, 0.09 * sheet.unit)
    if head.who.shading.kind in ("soft", "wash"):
        fallen = softened(fallen, 0.05 * sheet.unit)
    sheet.lay(both(fallen, mask), head.who.dark_skin, 0.8 * head.who.shading.depth)


def _ear(sheet: Sheet, head: Head, side: int) -> None:
    who = head.who
    rng = np.random.default_rng([who.seed, 21])
    grow = float(rng.uniform(0.8, 1.25))
    wide = head.rest[454, 0] - 0.02
    if who.kind in ("cat", "bear"):
        _animal_ear(sheet, head, side)
        return
    if who.kind == "robot":
        return
    middle = np.array([wide * side, 0.22, -0.74])
    ring = ellipse(0, 0, 0.17 * grow, 0.27 * grow)
    if who.kind in ("elf", "demon"):
        ring = np.array(
            [
                (-0.08, 0.24),
                (0.08, 0.1),
                (0.2, -0.1),
                (0.62, -0.42),
                (0.2, -0.3),
                (-0.02, -0.22),
                (-0.1, 0.0),
            ]
        )
        ring = smooth(ring * grow, 40, closed=True)
    # An ear stands off the head backwards, a half of its width.
    shape = np.stack(
        [
            middle[0] + side * ring[:, 0] * 0.75,
            middle[1] + ring[:, 1],
            middle[2] - np.maximum(ring[:, 0], -0.3) * 0.8,
        ],
        1,
    )
    flat = turned(shape, who.yaw)[:, :2]
    sheet.fill(flat, mixed(who.skin, who.dark_skin, 0.15))
    who.pen.stroke(sheet, flat, who.line, weight=0.9, closed=True)
    inner = turned(middle + (shape - middle) * 0.55, who.yaw)[:, :2]
    who.pen.stroke(sheet, inner[22:40], mixed(who.line, who.dark_skin, 0.4), weight=0.7)


def _animal_ear(sheet: Sheet, head: Head, side: int) -> None:
    who, top = head.who, SKULL[1] - head.axes[1]
    at = turned(np.array([0.55 * side, top + 0.22, SKULL[2]]), who.yaw)[:2]
    if who.kind == "bear":
        outer, inner = (
            ellipse(at[0], at[1] - 0.05, 0.3, 0.3),
            ellipse(at[0], at[1] - 0.03, 0.17, 0.17),
        )
    else:
        outer = smooth(
            np.array([(-0.34, 0.2), (-0.1, -0.3), (0.12, -0.62), (0.26, -0.2), (0.36, 0.3)])
            * (side, 1),
            30,
        )
        outer = at + outer
        inner = at + (outer - at) * 0.6
    sheet.fill(outer, who.skin)
    sheet.fill(inner, mixed(who.skin, (230, 120, 130), 0.6))
    who.pen.stroke(sheet, outer, who.line, closed=who.kind == "bear")


def _colours(sheet: Sheet, head: Head, mask: Mask) -> None:
    who = head.who
    for index, side in ((50, -1), (280, 1)):
        at = head.points[index]
        if turned(head.rest[index], who.yaw)[2] < SKULL[2] + 0.25:
            continue
        if who.blush > 0:
            spot = sheet.shape(ellipse(at[0], at[1], 0.2, 0.13))
            if who.shading.kind != "flat":
                spot = softened(spot, 0.07 * sheet.unit)
            sheet.lay(
                both(spot, mask),
                mixed(who.skin, (240, 60, 70), 0.6),
                who.blush,
            )
        if who.freckles:
            rng = np.random.default_rng([who.seed, 22, side + 1])
            for x, y in rng.normal(0, 1, (9, 2)) * (0.12, 0.06) + at:
                sheet.fill(ellipse(x, y, 0.016, 0.014), who.dark_skin, 0.8, mask)


def _beard(sheet: Sheet, head: Head, mask: Mask) -> None:
    who = head.who
    if who.beard == "none" or abs(who.yaw) > 58:
        return
    points, rng = head.points, np.random.default_rng([who.seed, 23])
    tone = who.hair.colour if who.hair.kind != "bald" else who.brow
    oval = list(CONTOURS["oval"])
    jaw = oval[oval.index(454) : oval.index(234) + 1]
    lips = list(CONTOURS["outer lips"])
    if who.beard in ("full", "stubble"):
        hem = points[jaw] + (points[jaw] - points[13]) * (0.16 if who.beard == "full" else 0.02)
        rise = np.array([points[i] for i in (132, 192, 186, 92, 164, 322, 410, 416, 361)])
        shape = np.concatenate([smooth(hem, 40), smooth(rise, 40)])
    elif who.beard == "goatee":
        chin = points[152]
        shape = smooth(
            np.array(
                [
                    points[61],
                    chin + to(-0.2, -0.1),
                    chin + to(0, 0.1),
                    chin + to(0.2, -0.1),
                    points[291],
                    points[17] + to(0.15, 0.04),
                    points[17] + to(-0.15, 0.04),
                ]
            ),
            48,
            closed=True,
        )
    else:
        lip = points[164]
        shape = smooth(
            np.array(
                [
                    points[61] + to(-0.1, 0.06),
                    lip + to(-0.12, 0.0),
                    lip + to(0, 0.02),
                    lip + to(0.12, 0.0),
                    points[291] + to(0.1, 0.06),
                    points[0] + to(0.1, 0.0),
                    points[0],
                    points[0] + to(-0.1, 0.0),
                ]
            ),
            48,
            closed=True,
        )
    hair = sheet.shape(shape)
    if who.beard == "stubble":
        speckle = (noise(sheet.size, sheet.size // 3, rng) > 0.05).astype(np.uint8) * 255
        hair = both(both(hair, mask), speckle, 0.35)
        sheet.lay(softened(hair, 0.8), tone)
        return
    gap = sheet.shape(points[lips] + (points[lips] - points[13]) * 0.06)
    hair = both(hair, np.asarray(cv2.bitwise_not(gap), np.uint8))
    sheet.lay(hair, tone)
    who.shading.apply(sheet, hair, who.hair.dark, 0.12)
    who.pen.outline(sheet, hair, mixed(who.line, who.hair.dark, 0.4), 0.8)


def _nose(sheet: Sheet, head: Head, mask: Mask) -> None:
    who, points = head.who, head.points
    tip, low, root = points[4], points[2], points[168]
    right, left = points[98], points[327]
    s = who.head.nose
    turn = float(np.sin(np.radians(who.yaw)))
    way = -1.0 if turn < -0.12 or (abs(turn) <= 0.12 and who.seed % 2) else 1.0
    line = mixed(who.line, who.dark_skin, 0.25)
    pen = who.pen if who.pen.kind != "none" else None
    dark = mixed(who.dark_skin, who.line, 0.35)
    if who.kind in ("cat", "bear"):
        _muzzle(sheet, head, mask)
        sheet.fill(
            smooth(
                np.array([tip + to(-0.13, -0.05), tip + to(0.13, -0.05), tip + to(0, 0.09)]),
                30,
                closed=True,
            ),
            (50, 34, 38),
        )
        return
    if abs(who.yaw) > 58:
        wing = left if who.yaw > 0 else right
        _draw(
            sheet,
            who.pen.weight,
            np.array(
                [
                    wing + to(-0.1 * way, -0.1),
                    wing + to(-0.13 * way, 0.0),
                    wing + to(-0.02 * way, 0.05),
                ]
            ),
            dark,
        )
        return
    if who.nose in ("full", "shadow"):
        shade = np.array(
            [
                root + to(0.05 * way, 0.1),
                tip + to(0.12 * s * way, -0.05),
                (left if way > 0 else right) + to(0.02 * way, 0.0),
                low,
                tip,
            ]
        )
        sheet.fill(smooth(shade, 30, closed=True), who.dark_skin, 0.75, mask)
    if who.nose == "full":
        for wing, side in ((right, -1), (left, 1)):
            curl = np.array(
                [
                    wing + to(0.0, -0.1),
                    wing + to(0.05 * side, -0.02),
                    wing + to(0.0, 0.03),
                    wing - to(0.06 * side, 0.0),
                ]
            )
            _draw(sheet, who.pen.weight, curl, dark)
            x, y = (low + wing) / 2
            sheet.fill(ellipse(float(x), float(y), 0.045, 0.022), dark, 0.9)
        _draw(
            sheet,
            who.pen.weight,
            np.array([low + to(-0.06, 0.01), low + to(0, 0.03), low + to(0.06, 0.01)]),
            dark,
        )
    elif who.nose == "hook":
        _draw(
            sheet,
            who.pen.weight,
            np.array(
                [
                    root + to(0.05 * way, 0.25),
                    tip + to(0.13 * s * way, -0.04),
                    tip + to(0.1 * s * way, 0.07),
                    low + to(-0.02, 0.0),
                ]
            ),
            dark,
        )
    elif who.nose == "line":
        _draw(
            sheet,
            who.pen.weight,
            np.array(
                [root + to(0.03 * way, 0.2), tip + to(0.1 * way, 0.0), tip + to(0.02 * way, 0.05)]
            ),
            dark,
        )
    elif who.nose == "button":
        ball = ellipse(tip[0], tip[1] + 0.03, 0.13 * s, 0.1 * s)
        sheet.fill(ball, mixed(who.skin, (225, 100, 90), 0.3), 0.9)
        if pen:
            pen.stroke(sheet, ball[2:22], line, weight=0.9)
    elif who.nose == "triangle":
        shape = np.array(
            [
                tip + to(0.02 * way, -0.2 * s),
                tip + to(0.15 * s * way, 0.08),
                tip + to(-0.06 * way, 0.1),
            ]
        )
        sheet.fill(shape, who.dark_skin, 0.9)
    elif who.nose == "tick":
        _draw(
            sheet,
            who.pen.weight,
            np.array(
                [tip + to(0.0, -0.03), tip + to(0.05 * way, 0.03), tip + to(-0.02 * way, 0.05)]
            ),
            dark,
        )
    elif who.nose == "dot":
        sheet.fill(ellipse(tip[0], tip[1] + 0.03, 0.028, 0.022), dark)


def _muzzle(sheet: Sheet, head: Head, mask: Mask) -> None:
    """A lighter snout, and whiskers on a cat."""
    who, points = head.who, head.points
    middle = (points[4] + points[13]) / 2
    wide = 0.42 * max(float(np.cos(np.radians(who.yaw))), 0.5)
    pale = sheet.shape(ellipse(middle[0], middle[1] + 0.1, wide, 0.36))
    sheet.lay(both(pale, mask), mixed(who.skin, (255, 250, 240), 0.6))
    if who.kind == "cat":
        for side in (-1, 1):
            for k in (-1, 0, 1):
                start = middle + to(side * wide * 0.6, 0.05 + 0.06 * k)
                path = np.stack(
                    [start, start + to(side * 0.25, 0.03 * k), start + to(side * 0.5, 0.1 * k)]
                )
                who.pen.stroke(sheet, smooth(path, 12), who.line, weight=0.6)


def _draw(sheet: Sheet, weight: float, points: FloatArray, tone: tuple[int, int, int]) -> None:
    """A line even where the hand draws none: a nose must be seen."""
    path = smooth(points, 18)
    half = np.sin(np.linspace(0.25, np.pi - 0.25, 18)) * max(weight, 0.022) * 0.5
    sheet.fill(ribbon(path, half), tone)


def _age(sheet: Sheet, head: Head, mask: Mask) -> None:
    who, points = head.who, head.points
    old = (who.age - 0.5) * 2
    if old <= 0 or abs(who.yaw) > 58:
        return
    tone = mixed(who.dark_skin, who.line, 0.3)
    for wing, corner, side in ((98, 61, -1), (327, 291, 1)):
        start, end = points[wing] + to(0.06 * side, 0.02), points[corner] + to(0.06 * side, 0.0)
        path = smooth(np.array([start, (start + end) / 2 + (0.04 * side, 0.0), end]), 16)
        who.pen.stroke(sheet, path, tone, weight=0.7, clip=mask, opacity=min(1, 0.4 + old))
    for k in range(round(3 * old)):
        y = points[151, 1] - 0.02 - 0.09 * k
        path = smooth(
            np.array(
                [
                    (points[151, 0] - 0.3, y + 0.03),
                    (points[151, 0], y),
                    (points[151, 0] + 0.3, y + 0.02),
                ]
            ),
            20,
        )
        who.pen.stroke(sheet, path, tone, weight=0.6, clip=mask, opacity=0.7)
