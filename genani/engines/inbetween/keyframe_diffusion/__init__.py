"""Other video models between two keys: one adapter over the pipelines that diffusers has.

`families` says how each class is asked, `source` finds and reads a model's folder, `cost` tells
what a run takes, `painter` and `engine` are GenAni's side. What is done to the frames (canvas,
alpha, colours, any time) is ToonCrafter's `frames`. Nothing here is imported until a request asks
for this engine.
"""
