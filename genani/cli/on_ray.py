"""Drawing on a Ray cluster, or on an embedded Ray of this machine alone."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from genani.engines import registry
from genani.render.spread import LostError, Package, Parcel, drawn
from genani.scene.errors import EngineError

RAY = "ray"

_PASSED_ON = ("GENANI_MODELS", "GENANI_OFFLINE", "OMP_NUM_THREADS")
"""What the places of an embedded Ray are told of this process's surroundings."""


class RaySite:
    """Packages as Ray tasks; see `genani.render.spread.Site`.

    Args:
        ray: the module.
        gpus: of the cluster; each package then has one to itself.
        work: draws a package, wherever Ray puts it.
    """

    def __init__(self, ray: Any, gpus: int, work: Callable[[Package], Parcel]) -> None:
        self._ray = ray
        resources = ray.cluster_resources()
        self.places = max(1, int(gpus or resources.get("CPU", 1)))
        # Who is lost is told to `spread`, which redraws elsewhere, instead of to Ray.
        options = {"num_cpus": 0 if gpus else 1, "num_gpus": 1 if gpus else 0, "max_retries": 0}
        self._task = ray.remote(**options)(work)

    def send(self, package: Package) -> Any:
        """See `Site.send`."""
        return self._task.remote(package)

    def first(self, tickets: Sequence[Any]) -> Any:
        """See `Site.first`."""
        ready, _ = self._ray.wait(list(tickets), num_returns=1)
        return ready[0]

    def take(self, ticket: Any) -> Parcel:
        """See `Site.take`."""
        errors = self._ray.exceptions
        lost = (
            errors.WorkerCrashedError,
            errors.NodeDiedError,
            errors.ObjectLostError,
            errors.OutOfMemoryError,
            errors.LocalRayletDiedError,
        )
        try:
            return self._ray.get(ticket)
        except lost as error:
            raise LostError("a machine is gone") from error
        except errors.RayError as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[-1]
            raise EngineError(f"Ray could not draw: {reason}") from error


def draw_package(package: Package) -> Parcel:
    """Draw one package with the engines that are there."""
    return drawn(package, registry.create)


@contextmanager
def ray_site(where: str, work: Callable[[Package], Parcel] = draw_package) -> Iterator[RaySite]:
    """Packages are drawn on Ray inside the block.

    Args:
        where: `ray` for the cluster that RAY_ADDRESS names, or else an embedded one; `ray:` and
            an address for that cluster.
        work: see `RaySite`.

    Raises:
        EngineError: Ray is not installed, or the cluster does not answer.
    """
    if importlib.util.find_spec(RAY) is None:
        raise EngineError("Ray is not installed: `pip install 'genani[ray]'` installs it")
    # Ray would report home; nothing leaves this machine unasked.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    address = where.partition(":")[2] or os.environ.get("RAY_ADDRESS") or None
    given: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address is None:
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # Ray gives each place one thread otherwise, and more threads add up in another order.
        passed.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
        paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
        passed["PYTHONPATH"] = os.pathsep.join(paths)
        given |= {"include_dashboard": False, "runtime_env": {"env_vars": passed}}
        given["num_cpus"] = max(2, os.cpu_count() or 2)
    try:
        ray.init(address=address or "local", **given)
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise EngineError(f"the Ray cluster {address or ''} does not answer: {reason}") from error
    try:
        yield RaySite(ray, int(ray.cluster_resources().get("GPU", 0)), work)
    finally:
        ray.shutdown()
