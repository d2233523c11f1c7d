"""StyleGAN2 in plain torch and what is done with it: inversion, directions, one-picture styles."""
