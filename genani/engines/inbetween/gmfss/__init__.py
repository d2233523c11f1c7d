"""GMFSS Fortuna, union variant: global matching, softmax splatting, fusion; trained on anime."""
