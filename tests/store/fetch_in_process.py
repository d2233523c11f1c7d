"""A second GenAni: fetches one model into a store and says so."""

from __future__ import annotations

import sys
from pathlib import Path

from genani.store.errand import Patience
from genani.store.models import Catalogue

if __name__ == "__main__":
    shipped, store, name = sys.argv[1:]
    patience = Patience(backoff=0.001, poll=0.01)
    Catalogue(Path(shipped), Path(store), offline=False, patience=patience).fetch(name)
