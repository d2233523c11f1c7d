"""Windows of their own: export and questions."""
