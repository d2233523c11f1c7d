"""Training on a person's own clips: projects on disk, and the runs beside the window."""
