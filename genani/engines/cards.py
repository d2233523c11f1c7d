"""The name cards of all engines, known without importing one of them.

A new engine adds its card to `CARDS`, and nothing else changes.
"""

from __future__ import annotations

from genani.engines.api import Capability, EngineInfo, OptionInfo
from genani.engines.catalogue import Card

FALLBACK = "blend"
"""Draws with no model at all."""

STYLES = OptionInfo(
    "styles",
    "Own styles",
    "",
    help="What training on your own clips has added, each at its strength.",
)


_MOTION = OptionInfo(
    "motion",
    "Motion",
    "auto",
    choices=("auto", "small", "medium", "large", "huge"),
    help="How far things move between the keys: small looks closer and takes longer, huge looks "
    "farther. Auto goes by the size of what changes.",
)

_WORDS = (
    OptionInfo("prompt", "Wanted", "an anime scene", help="What is drawn, in English words."),
    OptionInfo("avoid", "Not wanted", "", help="What is kept out, in English words."),
)

CARDS = (
    Card(
        EngineInfo(
            "rife",
            "RIFE",
            "Moves the pixels of both keys along an estimated flow; quick, and keeps lines sharp.",
            models=("genani-rife",),
            bases=("genani-rife", "rife-4.6"),
            capabilities=frozenset({Capability.LEARNED, Capability.GPU}),
            options=(
                OptionInfo(
                    "version",
                    "Version",
                    "GenAni",
                    choices=("GenAni", "4.6", "3.9"),
                    help="GenAni is 4.6 trained on with drawings, and comes with the program; 4.6 "
                    "and 3.9 are as published, and 3.9 looks farther for large motion.",
                ),
                _MOTION,
                STYLES,
            ),
        ),
        "genani.engines.inbetween.rife.engine:Rife",
    ),
    Card(
        EngineInfo(
            "gmfss",
            "GMFSS Fortuna",
            "Matches the keys as a whole, so that turns of a head come out right; slow.",
            models=("gmfss-fortuna",),
            capabilities=frozenset({Capability.LEARNED, Capability.GPU}),
        ),
        "genani.engines.inbetween.gmfss.engine:GmfssEngine",
    ),
    Card(
        EngineInfo(
            "face",
            "Guided face",
            "Brings both keys to where the face is on its way before RIFE draws the rest, and "
            "plays emotions; needs landmarks on both keys.",
            models=("genani-rife",),
            bases=("genani-rife", "rife-4.6"),
            capabilities=frozenset({Capability.LEARNED, Capability.FACE, Capability.GPU}),
            options=(STYLES,),
        ),
        "genani.engines.inbetween.face:Face",
    ),
    Card(
        EngineInfo(
            "genani",
            "GenAni's own",
            "Our own network: follows faces where they are marked, plays emotions, and draws what "
            "neither key shows; it comes with GenAni.",
            models=("genani-face",),
            bases=("genani-face",),
            capabilities=frozenset({Capability.LEARNED, Capability.FACE, Capability.GPU}),
            options=(_MOTION, STYLES),
        ),
        "genani.engines.inbetween.face_model_engine:GenAni",
    ),
    Card(
        EngineInfo(
            "tooncrafter",
            "ToonCrafter",
            "Invents sixteen frames between the keys by video diffusion, of which the chart takes "
            "its own; for large changes, on a graphics card.",
            models=("tooncrafter-512",),
            bases=("tooncrafter-512",),
            capabilities=frozenset(
                {Capability.LEARNED, Capability.SEED, Capability.GPU, Capability.EMOTION}
            ),
            options=(
                OptionInfo(
                    "model",
                    "Model",
                    "",
                    help="Where the weights lie: ToonCrafter's checkpoint, or a folder that "
                    "diffusers reads.",
                ),
                *_WORDS,
                OptionInfo(
                    "speed",
                    "Speed",
                    "as set",
                    choices=("as set", "fast", "balanced", "reference"),
                    help="Sets steps, sampler, fresh noise, guided share and reuse by itself: "
                    "fast takes a fifth of the reference's time, balanced two fifths.",
                ),
                OptionInfo(
                    "steps",
                    "Steps",
                    50,
                    1,
                    100,
                    help="How many times noise is taken out; fewer are quicker and rougher.",
                ),
                OptionInfo(
                    "guidance",
                    "Guidance",
                    7.5,
                    1.0,
                    15.0,
                    help="How closely words and the first key are followed; 1 halves the time.",
                ),
                OptionInfo(
                    "rescale",
                    "Calm contrast",
                    0.7,
                    0.0,
                    1.0,
                    help="Takes back the contrast that guidance adds.",
                ),
                OptionInfo(
                    "eta",
                    "Fresh noise",
                    1.0,
                    0.0,
                    1.0,
                    help="1 draws as the model was published; 0 is smoother and less detailed.",
                ),
                OptionInfo(
                    "motion",
                    "Frame rate of the motion",
                    10,
                    5,
                    30,
                    help="The lower, the more moves between the keys.",
                ),
                OptionInfo(
                    "side",
                    "Drawing size",
                    512,
                    64,
                    1024,
                    help="Longer side at which the model draws; it was trained at 512.",
                ),
                OptionInfo(
                    "solver",
                    "Sampler",
                    "published",
                    choices=("published", "second order"),
                    help="Second order comes with 10 to 20 steps as near as the published one "
                    "with many more; best without fresh noise.",
                ),
                OptionInfo(
                    "guided",
                    "Guided share",
                    1.0,
                    0.0,
                    1.0,
                    help="Share of the steps, from the first, that follow the guidance; the rest "
                    "take half the time.",
                ),
                OptionInfo(
                    "whole_every",
                    "Reuse of coarse features",
                    1,
                    1,
                    5,
                    help="Asks the whole network only at every so many steps, its outermost part "
                    "at the others: 1 never reuses, 3 takes less than half the time.",
                ),
                OptionInfo(
                    "memory",
                    "Memory",
                    "auto",
                    choices=("auto", "full", "sliced", "in turns", "staged"),
                    help="From the quickest way to run to the one that needs least: 'sliced' "
                    "decodes in slices, 'in turns' also asks twice, 'staged' also keeps only the "
                    "working part on the card (8 GB).",
                ),
                OptionInfo(
                    "compile",
                    "Compile the network",
                    False,
                    help="Takes minutes at the first drawing and quickens all that follow; needs "
                    "a compiler.",
                ),
                OptionInfo(
                    "lora",
                    "Styles",
                    "",
                    help="LoRA trained for this model, by name or file, each with its strength: "
                    "mika:0.8, ink.safetensors:0.5",
                ),
                OptionInfo(
                    "lora_strength",
                    "Strength of all styles",
                    1.0,
                    0.0,
                    2.0,
                    help="0 leaves the model as it is, 1 is as trained.",
                ),
                OptionInfo(
                    "sketch_model",
                    "Sketch encoder",
                    "",
                    help="The file sketch_encoder.ckpt, for frames that follow line drawings.",
                ),
                OptionInfo(
                    "sketches",
                    "Sketches",
                    "",
                    help="A folder of line drawings, taken by name and spread between the keys.",
                ),
                OptionInfo(
                    "sketch_strength",
                    "Strength of the sketches",
                    0.6,
                    0.0,
                    2.0,
                    help="How closely the sketches are followed.",
                ),
                OptionInfo(
                    "repair",
                    "Steady middle",
                    True,
                    help="Decodes the two middle frames once more, as they may brighten.",
                ),
            ),
        ),
        "genani.engines.inbetween.tooncrafter.engine:ToonCrafter",
    ),
    Card(
        EngineInfo(
            "keyframe-diffusion",
            "Video model",
            "Draws a video between the keys with a model of your own: Wan, VACE, SkyReels, "
            "LTX-Video or FramePack; on a large graphics card.",
            capabilities=frozenset(
                {Capability.LEARNED, Capability.SEED, Capability.GPU, Capability.OWN_MODEL}
            ),
            options=(
                OptionInfo(
                    "model",
                    "Model",
                    "",
                    help="A folder that diffusers reads, or the name of one in the model store.",
                ),
                *_WORDS,
                OptionInfo(
                    "frames",
                    "Frames",
                    0,
                    0,
                    241,
                    help="How many the model draws, of which the chart takes its own; 0 draws as "
                    "many as it was trained for.",
                ),
                OptionInfo(
                    "steps",
                    "Steps",
                    0,
                    0,
                    100,
                    help="How many times noise is taken out; 0 is the model's own number.",
                ),
                OptionInfo(
                    "guidance",
                    "Guidance",
                    0.0,
                    0.0,
                    15.0,
                    help="How closely the words are followed; 0 is the model's own, 1 halves the "
                    "time.",
                ),
                OptionInfo(
                    "side",
                    "Drawing size",
                    0,
                    0,
                    1920,
                    help="Longer side at which the model draws; 0 is the size of its training.",
                ),
            ),
        ),
        "genani.engines.inbetween.keyframe_diffusion.engine:KeyframeDiffusion",
    ),
    Card(
        EngineInfo(
            "vqgpt",
            "GANime",
            "Turns both keys into codes and writes those between, drawing after drawing, as it has "
            "learnt from clips; can be trained on your own.",
            models=("genani-vqgpt",),
            capabilities=frozenset(
                {Capability.LEARNED, Capability.SEED, Capability.GPU, Capability.OWN_MODEL}
            ),
            options=(
                OptionInfo(
                    "model",
                    "Model",
                    "",
                    help="The folder `result` of a training, or the name of a model in the model "
                    "store; empty for the one that comes with GenAni.",
                ),
                OptionInfo(
                    "temperature",
                    "Chance",
                    0.0,
                    0.0,
                    2.0,
                    help="0 always draws the likeliest; 1 as chance falls, another with each seed.",
                ),
                OptionInfo(
                    "top_k",
                    "Choices",
                    32,
                    0,
                    65536,
                    help="Chance falls among so many of the likeliest codes; 0 among all.",
                ),
                OptionInfo(
                    "detail",
                    "Detail of the keys",
                    True,
                    help="Brings back the keys' fine detail where a drawing is like one of them.",
                ),
            ),
        ),
        "genani.engines.inbetween.vqgpt.engine:VqGpt",
    ),
    Card(
        EngineInfo(
            FALLBACK,
            "Cross-dissolve",
            "Fades one key into the other; nothing moves. For comparison, and where no model is.",
        ),
        "genani.engines.inbetween.blend:Blend",
    ),
)
"""Best first: `auto` takes the first learned one that can draw.

Our own stands behind those it has not yet beaten: untrained, on 5 drawn faces of shared/clips, its
perceptual distance on faces is 1.36 (RIFE 1.28, guided RIFE 1.28).
"""
