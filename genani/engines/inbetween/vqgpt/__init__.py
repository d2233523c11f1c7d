"""GANime's way: a VQ-GAN turns drawings into codes, a transformer writes those between."""
