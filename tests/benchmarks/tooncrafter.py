"""`python -m tests.benchmarks.tooncrafter PART ...`: what ToonCrafter costs, and what is saved.

Parts: `paper` counts operations and memory of every stage at full size, without computing;
`shortcuts` draws with the tiny model and holds every way to save time against fifty steps of the
same seed, `goldens` the same with the weights behind the stored results of the published code,
where those lie at hand; `real` runs the published network and autoencoder with random weights on
this computer: on a graphics card all tiers at full size, else one step and one decoding of small
pictures. Prints Markdown. What peaks is measured by `real` in a process of its own.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import torch
from torch import Tensor

from genani.engines.inbetween.tooncrafter.checkpoint import load
from genani.engines.inbetween.tooncrafter.clip import tokenizer_of
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.multistep import ToonCrafterMultistepScheduler
from genani.engines.inbetween.tooncrafter.pipeline import ToonCrafterPipeline
from genani.engines.inbetween.tooncrafter.presets import PRESETS
from genani.engines.inbetween.tooncrafter.sampling import WHOLE, Shortcuts
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from genani.engines.inbetween.tooncrafter.sizes import TINY
from genani.engines.inbetween.tooncrafter.unet import Deep, ToonCrafterUNet
from genani.engines.inbetween.tooncrafter.vae import References, ToonCrafterVAE
from tests.benchmarks.on_paper import taken
from tests.engines.tooncrafter.models import published_weights
from tests.engines.tooncrafter.published import ruled, weights

GIB = 1 << 30
FLOORS = {"H200": 989.0, "H100": 989.0, "A100": 312.0, "RTX 4090": 165.0}
"""10^12 half-precision operations a second that makers name, for the floor of the arithmetic."""


def main() -> None:
    """Run the parts that the command line names."""
    parts: dict[str, Callable[[], None]] = {
        "paper": paper,
        "shortcuts": lambda: shortcuts(weights(TINY), "weights by a rule"),
        "goldens": lambda: shortcuts(published_weights(), "golden weights"),
        "real": real,
    }
    stages = {**STAGES, **CARD_STAGES}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("parts", nargs="+", choices=[*parts, *stages], metavar="PART")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads (torch's choice)")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    for part in options.parts:
        if part in stages:
            print(stages[part]())
        else:
            parts[part]()


# -- what is counted ------------------------------------------------------------------------


@torch.inference_mode()
def paper() -> None:
    """Operations and activations at the size of training, in half precision."""
    with torch.device("meta"):
        unet, vae = ToonCrafterUNet().half().eval(), ToonCrafterVAE().half().eval()
    step, seen = torch.zeros((), device="meta"), vae.encode(_meta(2, 3, 320, 512)).references()

    def ask(branches: int, deep: Deep | None = None) -> Any:
        return unet(
            _meta(branches, 8, 16, 40, 64), step, _meta(branches, 333, 1024), step, deep=deep
        )

    def decode(frames: int = 16, **how: Any) -> Any:
        return vae.decode(_meta(1, 4, frames, 40, 64), seen, **how)

    print("\n| stage, 16 frames of 512x320, half precision | TFLOP | activations GiB |")
    print("|---|---|---|")
    rows: list[tuple[str, Callable[[], Any]]] = [
        ("network, one branch", lambda: ask(1)),
        ("network, two branches at once", lambda: ask(2)),
    ]
    for units in (1, 2, 3):
        deep = Deep(units)
        ask(1, deep)
        rows.append((f"network, coarse features kept, outer {units}", _asked_again(ask, deep)))
    rows += [
        ("encode 16 pictures", lambda: vae.encode(_meta(16, 3, 320, 512))),
        ("encode the two keys", lambda: vae.encode(_meta(2, 3, 320, 512))),
        ("decode 16 frames", decode),
        ("decode 16 frames in slices", lambda: decode(sliced=True)),
        ("decode 14 frames", lambda: decode(14)),
        ("decode 14 frames for the middle two", lambda: decode(14, wanted=(6, 8))),
    ]
    for name, call in rows:
        found = taken(call)
        print(f"| {name} | {found.tera:.2f} | {found.peak / GIB:.2f} |", flush=True)


def _asked_again(ask: Callable[..., Any], deep: Deep) -> Callable[[], Any]:
    return lambda: ask(1, deep)


def _meta(*shape: int) -> Tensor:
    return torch.empty(shape, dtype=torch.float16, device="meta")


# -- what is saved --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Drawn:
    latents: Tensor
    seconds: float


class _Tiny:
    """The tiny model with two keys, drawing from the same first noise in every way."""

    def __init__(self, tensors: dict[str, Tensor], scale: float) -> None:
        self._pipe = ToonCrafterPipeline(
            **load(tensors, "the tiny model", TINY).parts,
            tokenizer=tokenizer_of([]),
            scheduler=ToonCrafterScheduler(),
        )
        self._pipe.set_progress_bar_config(disable=True)
        first = ruled((1, 3, 32, 64), 5)
        self._guidance = Guidance(scale)
        self._keys = self._pipe.encode_keys(first, first.flip(3), generator=_seeded(1))
        self._contexts = self._pipe.contexts(first, "an anime scene", "", self._guidance)
        self._noise = torch.randn(self._keys.condition.shape, generator=_seeded(2))

    def draw(
        self,
        steps: int,
        second: bool = False,
        eta: float = 0.0,
        batched: bool = True,
        short: Shortcuts = WHOLE,
    ) -> _Drawn:
        """Final latents, and the processor's seconds."""
        self._pipe.scheduler = (ToonCrafterMultistepScheduler if second else ToonCrafterScheduler)()
        self._pipe.scheduler.set_timesteps(steps)
        began = time.process_time()
        latents = self._pipe.denoise(
            self._noise,
            self._keys.condition,
            self._contexts,
            self._guidance,
            eta,
            10,
            _seeded(3),
            batched=batched,
            shortcuts=short,
        )
        return _Drawn(latents, time.process_time() - began)

    def row(self, name: str, made: _Drawn, wanted: _Drawn) -> None:
        """Print how far off the latents are, how near the pictures, and the share of time."""
        off = float((made.latents - wanted.latents).norm() / wanted.latents.norm())
        one, other = (
            self._pipe.decode(drawn.latents, self._keys.references).clamp(-1, 1)
            for drawn in (made, wanted)
        )
        worst = float((one - other).square().mean()) / 4
        psnr = f"{-10 * math.log10(worst):.1f}" if worst > 1e-12 else "over 120"
        share = made.seconds / wanted.seconds
        print(f"| {name} | {off:.1e} | {psnr} | {share:.2f} |", flush=True)


def shortcuts(tensors: dict[str, Tensor], whose: str) -> None:
    """Every way to save time against fifty steps of the same seed, with the tiny model."""
    tiny = _Tiny(tensors, 7.5)
    tiny.draw(2)
    print(
        f"\n| tiny model, {whose}, same seed | relative error | PSNR dB | time |\n|---|---|---|---|"
    )
    wanted = tiny.draw(50)
    for count in (8, 10, 12, 15, 20):
        tiny.row(f"{count} steps, published sampler", tiny.draw(count), wanted)
        tiny.row(f"{count} steps, second order", tiny.draw(count, second=True), wanted)
    for name in ("balanced", "fast"):
        preset = PRESETS[name]
        short = Shortcuts(float(preset["guided"]), int(preset["whole_every"]))
        made = tiny.draw(int(preset["steps"]), second=True, short=short)
        tiny.row(f"preset {name}", made, wanted)
    noisy = tiny.draw(50, eta=1.0)
    tiny.row(
        "50 steps with fresh noise, guidance in turns", tiny.draw(50, False, 1.0, False), noisy
    )
    for share in (0.9, 0.75, 0.5):
        short = Shortcuts(guided=share)
        made = tiny.draw(50, eta=1.0, short=short)
        tiny.row(f"50 with fresh noise, {share:.0%} guided", made, noisy)
    for every, units in ((2, 1), (2, 2), (3, 1), (5, 1)):
        short = Shortcuts(whole_every=every, units=units)
        made = tiny.draw(50, eta=1.0, short=short)
        tiny.row(f"50 with fresh noise, whole every {every}, outer {units}", made, noisy)


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# -- what is run ----------------------------------------------------------------------------


def real() -> None:
    """One row a stage, each in a process of its own."""
    stages = CARD_STAGES if torch.cuda.is_available() else STAGES
    print("\n| stage, random weights | seconds | peak GiB | note |\n|---|---|---|---|")
    for name in stages:
        command = [sys.executable, "-m", "tests.benchmarks.tooncrafter", name]
        command += ["--threads", str(torch.get_num_threads())]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        words = (done.stderr.strip().splitlines() or ["ended without a word"])[-1]
        print(done.stdout.strip() or f"| {name} | failed | | {words} |", flush=True)


def _unet_step() -> str:
    """One question to the published network, in bfloat16, of 16 frames of 64x64 pixels."""
    unet = _random(ToonCrafterUNet, torch.device("cpu"))
    given = torch.randn(1, 8, 16, 8, 8).bfloat16(), 500, torch.randn(1, 333, 1024).bfloat16(), 10
    return _row("network, one branch, 64x64, bfloat16, CPU", lambda: unet(*given))


def _decode(sliced: bool, size: int = 128) -> Callable[[], str]:
    def run() -> str:
        vae = _random(ToonCrafterVAE, torch.device("cpu"), torch.float32)
        with torch.inference_mode():
            seen = vae.encode(torch.randn(2, 3, size, size)).references()
        given = torch.randn(1, 4, 16, size // 8, size // 8)
        how = " in slices" if sliced else ""
        return _row(
            f"decode 16 frames{how}, {size}x{size}, float32, CPU",
            lambda: vae.decode(given, seen, sliced=sliced),
        )

    return run


def _row(name: str, call: Callable[[], Any]) -> str:
    before = psutil.Process().memory_info().rss
    with torch.inference_mode():
        began = time.perf_counter()
        finite = bool(torch.isfinite(_tensor(call()).float()).all())
        spent = time.perf_counter() - began
    peak = _peak()
    note = f"weights and program {before / GIB:.2f} GiB{'' if finite else ', NOT FINITE'}"
    return f"| {name} | {spent:.1f} | {peak / GIB:.2f} | {note} |"


def _tensor(made: Any) -> Tensor:
    return made if isinstance(made, Tensor) else made.sample


def _peak() -> int:
    """The most memory this process ever held, in bytes."""
    import resource

    kilo = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilo


def _random(kind: Any, device: torch.device, dtype: torch.dtype = torch.bfloat16) -> Any:
    """A part at its published size, in little more memory than its weights take."""
    with torch.device("meta"):
        made = kind().to(dtype).eval()
    made.to_empty(device=device)
    for value in made.parameters():
        spread = 1 / math.sqrt(max(1, value[0].numel())) if value.ndim > 1 else 0.02
        torch.nn.init.normal_(value, 1.0 if value.ndim == 1 else 0.0, spread)
    return made


def _card_staged() -> str:
    """Peak where only the working part is on the card, as the least tier has it."""
    device = torch.device("cuda")
    vae = _random(ToonCrafterVAE, device)
    with torch.inference_mode():
        seen = vae.encode(torch.randn(2, 3, 320, 512, device=device).bfloat16()).references()
        torch.cuda.synchronize()
        began = time.perf_counter()
        unet = _random(ToonCrafterUNet, torch.device("cpu")).to(device)
        vae.to("cpu")
        _sampled(unet, 10, False, WHOLE)
        unet.to("cpu")
        vae.to(device)
        vae.decode(torch.randn(1, 4, 16, 40, 64, device=device).bfloat16(), seen, sliced=True)
        torch.cuda.synchronize()
    spent, peak = time.perf_counter() - began, torch.cuda.max_memory_allocated()
    note = _floor(12.54 * 20 + 38)
    return f"| staged: 10 steps, in turns, sliced | {spent:.1f} | {peak / GIB:.2f} | {note} |"


def _card_run(steps: int, preset: str, batched: bool, sliced: bool) -> Callable[[], str]:
    def run() -> str:
        device = torch.device("cuda")
        unet, vae = _random(ToonCrafterUNet, device), _random(ToonCrafterVAE, device)
        short = Shortcuts(float(PRESETS[preset]["guided"]), int(PRESETS[preset]["whole_every"]))
        pair = torch.randn(2, 3, 320, 512, device=device).bfloat16()
        with torch.inference_mode():
            seen: References = vae.encode(pair).references()
            _sampled(unet, 2, batched, WHOLE)
            torch.cuda.reset_peak_memory_stats()
            torch.cuda.synchronize()
            began = time.perf_counter()
            _sampled(unet, steps, batched, short)
            torch.cuda.synchronize()
            asked = time.perf_counter() - began
            latents = torch.randn(1, 4, 16, 40, 64, device=device).bfloat16()
            vae.decode(latents, seen, sliced=sliced)
            vae.decode(latents[:, :, :14], seen, (6, 8), sliced)
            torch.cuda.synchronize()
        spent, peak = time.perf_counter() - began, torch.cuda.max_memory_allocated()
        questions = steps + short.guided_steps(steps)
        note = f"{asked / steps:.3f} s a step; {_floor(12.54 * questions + 71)}"
        name = f"{preset}: {steps} steps, {'two at once' if batched else 'in turns'}"
        return f"| {name}{', sliced' if sliced else ''} | {spent:.1f} | {peak / GIB:.2f} | {note} |"

    return run


def _sampled(unet: Any, steps: int, batched: bool, short: Shortcuts) -> None:
    scheduler = ToonCrafterScheduler()
    scheduler.set_timesteps(steps)
    parts: dict[str, Any] = dict.fromkeys(
        ("vae", "image_projector", "text_encoder", "tokenizer", "image_encoder")
    )
    pipe: Any = ToonCrafterPipeline(unet=unet, scheduler=scheduler, **parts)
    pipe.set_progress_bar_config(disable=True)
    device = unet.device
    latents = torch.randn(1, 4, 16, 40, 64, device=device)
    contexts = list(torch.randn(2, 1, 333, 1024, device=device).bfloat16())
    pipe.denoise(latents, latents, contexts, Guidance(), 0.0, batched=batched, shortcuts=short)


def _floor(tera: float) -> str:
    name = torch.cuda.get_device_name()
    for card, speed in FLOORS.items():
        if card in name:
            return f"floor of the arithmetic {tera / speed:.1f} s"
    return f"{tera:.0f} TFLOP"


def _card_stages() -> Iterator[tuple[str, Callable[[], str]]]:
    yield "card-full", _card_run(50, "reference", batched=True, sliced=False)
    yield "card-sliced", _card_run(50, "reference", batched=True, sliced=True)
    yield "card-in-turns", _card_run(50, "reference", batched=False, sliced=True)
    yield "card-staged", _card_staged
    yield "card-balanced", _card_run(20, "balanced", batched=True, sliced=False)
    yield "card-fast", _card_run(10, "fast", batched=True, sliced=False)


STAGES: dict[str, Callable[[], str]] = {
    "unet-step": _unet_step,
    "decode": _decode(sliced=False),
    "decode-sliced": _decode(sliced=True),
}
CARD_STAGES: dict[str, Callable[[], str]] = dict(_card_stages())


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
