"""The model store: what there is, where to get it, and whether it is sound."""
