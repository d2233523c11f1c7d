"""ToonCrafter in diffusers' terms: sixteen frames between two keys by latent video diffusion.

Written from the specification of the published model (Xing et al., "ToonCrafter: Generative
Cartoon Interpolation", SIGGRAPH Asia 2024). From the ground up: `schedule` and `scheduler` (the
noise), `layers` and `unet`, `vae_layers`, `fusion` and `vae`, `image_tokens`, `clip`; then `keys`
and `checkpoint` (published files) and `pipeline` (a whole run). Nothing here is imported until a
request asks for this engine: diffusers and transformers take seconds to start.
"""
