"""RIFE: intermediate flow estimated straight from the two keys (Huang et al., arXiv 2011.06294)."""
