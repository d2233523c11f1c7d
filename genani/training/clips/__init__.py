"""Clips to train on: imported from films, checked, annotated, augmented, reviewed, sampled."""
