"""Where training samples come from: heads, clips, stills, and their mix."""
