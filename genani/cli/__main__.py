"""`python -m genani.cli`."""

from genani.cli import main

raise SystemExit(main())
