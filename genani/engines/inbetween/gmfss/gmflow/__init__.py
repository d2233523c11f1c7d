"""GMFlow: optical flow by global matching (arXiv 2111.13680)."""
