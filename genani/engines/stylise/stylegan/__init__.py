"""StyleGAN2 in plain torch, and what is done with one: inversion, directions, one-picture styles."""
