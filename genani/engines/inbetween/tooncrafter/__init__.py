"""ToonCrafter in diffusers' terms: sixteen frames between two keys by latent video diffusion.

Written from the specification of the published model (Xing et al., "ToonCrafter: Generative
Cartoon Interpolation", SIGGRAPH Asia 2024). From the ground up: `schedule` and `scheduler` (the
noise); `layers` and `unet`; `vae_layers`, `fusion` and `vae`; `image_tokens` and `clip`; `keys`
and `checkpoint` (published files, by `sizes`); `guidance`, `output` and `pipeline` (a whole run);
`lora`, `canvas`, `cutout`, `frames`, `painter`, `source` and `engine` (GenAni's side). `verify`
compares all of it with stored results of the published code. Nothing here is imported until a
request asks for this engine: diffusers and transformers take seconds to start.
"""
