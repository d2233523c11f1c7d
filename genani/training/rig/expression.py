"""What a face does: action-unit-like values, and the seven emotions written in them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from genani.scene.face import Emotion


@dataclass(frozen=True)
class Expression:
    """The pull of each muscle group. 0 is rest and 1 the strongest, unless said otherwise.

    Names in brackets are the action units of the Facial Action Coding System that a value
    stands for (Ekman and Friesen, 1978).

    Attributes:
        brow_inner_up: inner brows raised, as in sorrow (AU1).
        brow_outer_up: outer brows raised (AU2).
        brow_lower: brows down and together (AU4).
        brow_skew: -1 to 1; the brow on the viewer's right (positive) or left goes up alone.
        lid_wide: upper lids raised (AU5).
        lid_close: upper lids down; 1 is shut (AU43, AU45).
        wink: -1 to 1; shuts the eye on the viewer's right (positive) or left alone.
        cheek: cheeks and with them the lower lids raised (AU6).
        squint: lids tightened (AU7).
        gaze_x: -1 to 1, towards the viewer's right.
        gaze_y: -1 to 1, down.
        pupil: -1 (irises small, in fright) to 1 (large).
        nose_wrinkle: AU9.
        upper_lip: upper lip raised (AU10).
        smile: mouth corners up and out (AU12).
        frown: mouth corners down (AU15).
        pout: chin boss and lower lip up (AU17).
        pucker: lips together to a ring (AU18, AU22).
        stretch: lips drawn wide (AU20).
        part: lips apart (AU25).
        jaw: jaw dropped (AU26, AU27).
        clench: teeth shown together between the lips.
        smirk: -1 to 1; the mouth corner on the viewer's right (positive) or left goes up alone.
        blush: redness of the cheeks over what the face has at rest.
    """

    brow_inner_up: float = 0.0
    brow_outer_up: float = 0.0
    brow_lower: float = 0.0
    brow_skew: float = 0.0
    lid_wide: float = 0.0
    lid_close: float = 0.0
    wink: float = 0.0
    cheek: float = 0.0
    squint: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    pupil: float = 0.0
    nose_wrinkle: float = 0.0
    upper_lip: float = 0.0
    smile: float = 0.0
    frown: float = 0.0
    pout: float = 0.0
    pucker: float = 0.0
    stretch: float = 0.0
    part: float = 0.0
    jaw: float = 0.0
    clench: float = 0.0
    smirk: float = 0.0
    blush: float = 0.0

    def towards(self, other: Expression, share: float) -> Expression:
        """The expression `share` of the way to another (0 is this one, 1 the other)."""
        return Expression(
            **{
                f.name: (1 - share) * getattr(self, f.name) + share * getattr(other, f.name)
                for f in fields(self)
            }
        )

    def blinking(self, shut: float) -> Expression:
        """This expression with the lids `shut` (0 to 1) of the way from where they are."""
        return replace(
            self,
            lid_close=self.lid_close + (1 - self.lid_close) * shut,
            lid_wide=self.lid_wide * (1 - shut),
        )


PRESETS: dict[Emotion, Expression] = {
    Emotion.NEUTRAL: Expression(smile=0.28),
    Emotion.HAPPY: Expression(
        brow_inner_up=0.3, brow_outer_up=0.45, cheek=0.75, squint=0.1, smile=1.0,
        part=0.6, jaw=0.6, blush=0.6, pupil=0.15,
    ),
    Emotion.SAD: Expression(
        brow_inner_up=1.0, brow_lower=0.2, lid_close=0.2, gaze_y=0.35, frown=0.75, pout=0.6,
        pucker=0.1,
    ),
    Emotion.ANGRY: Expression(
        brow_lower=1.0, lid_wide=0.2, squint=0.45, nose_wrinkle=0.5, upper_lip=0.45, frown=0.55,
        stretch=0.45, part=0.8, clench=1.0, pupil=-0.25,
    ),
    Emotion.SURPRISED: Expression(
        brow_inner_up=0.9, brow_outer_up=1.0, lid_wide=1.0, pucker=0.4, part=0.6, jaw=0.9,
        pupil=-0.45,
    ),
    Emotion.FEAR: Expression(
        brow_inner_up=1.0, brow_outer_up=0.35, brow_lower=0.45, lid_wide=0.8, frown=0.5,
        stretch=0.8, part=0.5, jaw=0.22, clench=0.35, pupil=-0.75,
    ),
    Emotion.DISGUST: Expression(
        brow_lower=0.65, brow_skew=-0.2, lid_close=0.22, cheek=0.35, squint=0.5, gaze_x=0.35,
        gaze_y=0.1, nose_wrinkle=1.0, upper_lip=0.8, frown=0.75, part=0.3, smirk=-0.5,
    ),
}  # fmt: skip
"""The seven emotions at full intensity."""


def felt(emotion: Emotion, intensity: float = 1.0) -> Expression:
    """An emotion at an intensity: 0 is the neutral face, 1 the full preset."""
    return PRESETS[Emotion.NEUTRAL].towards(PRESETS[emotion], intensity)
