"""The weights of `genani-rife`: the published RIFE 4.6, and a share of what trainings changed.

    .venv/bin/python packaging/make_genani_rife.py SHARE ADAPTER... --out models/genani-rife

Each ADAPTER is what `genani train rife --set task.start=rife-4.6` has made. A share of the change
draws better than all of it, on the drawings learnt from and on others (M. Wortsman et al.,
"Robust fine-tuning of zero-shot models", CVPR 2022), and changes of several trainings add up
("Model soups", ICML 2022).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import load_file

from genani.engines.inbetween.rife.versions import VERSIONS, pack, read_network
from genani.store import models


def main() -> None:
    """Write `rife.safetensors` and `model.toml`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("share", type=float)
    parser.add_argument("adapters", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    told = parser.parse_args()
    published = VERSIONS["4.6"]
    network = read_network("4.6", models.path(published.model, published.file))
    weights = network.state_dict()
    for adapter in told.adapters:
        for name, change in load_file(adapter).items():
            weights[name].add_(change.float(), alpha=told.share)
    told.out.mkdir(parents=True, exist_ok=True)
    pack(network, told.out)


if __name__ == "__main__":
    main()
