"""Weights with adapters put on: what a person's own training has added, each at its strength."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from genani.scene.errors import ModelError
from genani.store import adapters


def put_on(network: nn.Module, mix: str, bases: Collection[str]) -> None:
    """Add a mix of adapters to a network's weights: base + sum of strength x difference.

    Differences add up as task vectors do (Ilharco et al., 2023, arXiv 2212.04089).

    Args:
        network: with the weights of the base model.
        mix: ids and strengths, as `genani.store.adapters.read_mix` reads them; may be empty.
        bases: names of models in the store whose adapters fit the network: the one it is of, and
            those it was made from, as changes of one are near enough changes of the other.

    Raises:
        ModelError: one is missing, damaged, or made for another network.
    """
    weights = dict(network.state_dict())
    for adapter, strength in adapters.mixed(mix, bases):
        for name, difference in _differences(adapter).items():
            weight = weights.get(name)
            if weight is None or weight.shape != difference.shape:
                raise ModelError(
                    f"the adapter '{adapter.card.name}' was made for another network: {name}"
                )
            if not difference.is_floating_point():
                raise ModelError(
                    f"the adapter '{adapter.card.name}' holds {difference.dtype} where floating "
                    "point is needed"
                )
            weight.add_(difference.to(weight.device, weight.dtype), alpha=strength)


def differences(base: Mapping[str, Tensor], trained: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What training has changed, in half precision: the tensors of an adapter.

    Args:
        base, trained: weights of the same names and shapes; those that stayed are left out.
    """
    found = {}
    for name, weight in trained.items():
        change = weight.detach().float().cpu() - base[name].detach().float().cpu()
        if weight.is_floating_point() and bool(change.any()):
            found[name] = change.half().contiguous()
    return found


def _differences(adapter: adapters.Adapter) -> dict[str, Tensor]:
    if adapter.card.kind != "difference":
        raise ModelError(f"the adapter '{adapter.card.name}' cannot be put on this engine")
    try:
        return load_file(adapter.path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"the adapter '{adapter.card.name}' is damaged") from error
