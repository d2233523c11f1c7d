"""ToonCrafter's attention over space fine-tuned to a person's clips (LoRA; Hu et al., 2021).

Loss and condition dropout are the published model's (Xing et al., 2024): the plain squared error
of the velocity, and one chance in twenty each to leave out the words, both, or the first picture.
The keys' latents are always there. Time stays as it was: only what a frame looks like is learned.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch
from peft import LoraConfig
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from genani.engines.device import pick
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.lora import BASE, KIND
from genani.engines.inbetween.tooncrafter.pipeline import ToonCrafterPipeline
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from genani.engines.inbetween.tooncrafter.source import pipeline_of
from genani.engines.inbetween.tooncrafter.unet import ToonCrafterUNet
from genani.media.files import shown
from genani.scene.errors import FileError, ModelError
from genani.store.adapters import SUFFIX, AdapterCard, header
from genani.training import runs
from genani.training.clips import dataset
from genani.training.clips.dataset import RightsError
from genani.training.config import ConfigError, TrainingConfig, typed
from genani.training.task import TOTAL, Batch, Losses, Models, Task
from genani.training.tasks.tooncrafter_cache import Cache, read_or_none
from genani.training.tasks.tooncrafter_clips import Window, windows

ATTENTION = r".*\.spatial\..*\.(to_q|to_k|to_v|to_out\.0|to_k_ip|to_v_ip)"
FEED_FORWARD = r".*\.spatial\..*\.(to_q|to_k|to_v|to_out\.0|to_k_ip|to_v_ip|net\.0\.proj|net\.2)"
"""Layers that learn: attention over space, the picture's keys and values among them."""

_NETWORK = "model"
_STEPS = 1000
_LOOKS = (100, 300, 500, 700, 900)
"""Steps of noise at which held-back windows are judged."""

_MOST_HELD = 8


class ToonCrafterSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `tooncrafter`.

    Attributes:
        model: the weights to start from, a published checkpoint or a folder that diffusers reads.
        rank: of the adapter: the higher, the more it can learn.
        feed_forward: also the layers after attention learn.
        width, height: at which drawings are seen; multiples of 64.
        prompt: words for clips that come without.
        checkpointing: a third slower, for a fifth of the memory.
        sample_steps: of the sample that is drawn after each validation; 0 draws none.
        adapter: what the result is called.
        rights: who made what it was trained on, and that it may be trained on; has to be said
            where the films are not those of a data set, which says so itself.
    """

    model: str = ""
    rank: int = 16
    feed_forward: bool = False
    width: int = 512
    height: int = 320
    prompt: str = "an anime scene"
    checkpointing: bool = True
    sample_steps: int = 10
    adapter: str = "my drawings"
    rights: str = ""


class ToonCrafterTask(Task):
    """LoRA of the video network.

    Args:
        settings, config: of the task and of the run.
        start: gives the pipeline with its weights in memory.
        learnt, held: encoded windows to learn from and to judge by.
        nothing: tokens of no words, `text`, and of a grey picture, `image`.
        data: what it learns from, in words.
    """

    name = "tooncrafter"

    def __init__(
        self,
        settings: ToonCrafterSettings,
        config: TrainingConfig,
        start: Callable[[], ToonCrafterPipeline],
        learnt: Sequence[Path],
        held: Sequence[Path],
        nothing: Mapping[str, Tensor],
        data: str,
    ) -> None:
        self._settings, self._config = settings, config
        self._start = start
        self._learnt, self._held = tuple(learnt), tuple(held)
        self._nothing = dict(nothing)
        self._data = data
        self._scheduler = ToonCrafterScheduler()
        self._vae: Any = None

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`; all but the adapter is frozen."""
        pipe = self._start()
        self._scheduler, self._vae = pipe.scheduler, pipe.vae
        unet: Any = pipe.unet
        if unet.dtype == torch.float16:
            # Of the same size, and reaches as far as float32: nothing overflows in training.
            unet.to(torch.bfloat16)
        unet.requires_grad_(False)
        unet.add_adapter(
            LoraConfig(
                r=self._settings.rank,
                lora_alpha=self._settings.rank,
                target_modules=FEED_FORWARD if self._settings.feed_forward else ATTENTION,
            )
        )
        for weight in unet.parameters():
            if weight.requires_grad:
                weight.data = weight.data.float()
        if self._settings.checkpointing:
            unet.enable_gradient_checkpointing()
        return {_NETWORK: unet.train()}

    def place(self, device: torch.device) -> None:
        """See `Task.place`; the autoencoder stays where it is until a sample is drawn."""
        self._nothing = {name: item.to(device) for name, item in self._nothing.items()}

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`; every window once before any comes again."""
        while True:
            yield _stacked([self._learnt[index] for index in self._order(step)])
            step += 1

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        del turn
        latents = self._latents(models, batch)
        count, device = len(latents), latents.device
        steps = torch.randint(0, _STEPS, (count,), device=device)
        context = self._context(batch, torch.rand(count, device=device))
        return {
            TOTAL: self._loss(models, latents, torch.randn_like(latents), steps, batch, context)
        }

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`: the loss at five steps of noise, the same noise every time."""
        total, count = 0.0, 0
        generator = torch.Generator().manual_seed(0)
        for path in self._held[:_MOST_HELD]:
            batch = {name: item.to(_device(models)) for name, item in _stacked([path]).items()}
            latents = batch["mean"] * self._scaling
            # Nothing is left out: the chance lies beyond all of those.
            context = self._context(batch, torch.ones(1, device=latents.device))
            for step in _LOOKS:
                noise = torch.randn(latents.shape, generator=generator).to(latents.device)
                steps = torch.full((1,), step, device=latents.device)
                loss = self._loss(models, latents, noise, steps, batch, context)
                total, count = total + float(loss), count + 1
        return {TOTAL: total / count}

    def samples(self, models: Models, folder: Path) -> None:
        """See `Task.samples`: sixteen frames between the ends of a held-back window."""
        if not self._settings.sample_steps:
            return
        batch = {n: item.to(_device(models)) for n, item in _stacked([self._held[0]]).items()}
        keys = batch["keys"][0].float() / 127.5 - 1
        latents = batch["mean"] * self._scaling
        pipe = _without_towers(self._vae, _unet(models), self._scheduler)
        pipe.set_progress_bar_config(disable=True)
        pipe.scheduler.set_timesteps(self._settings.sample_steps)
        generator = torch.Generator().manual_seed(self._config.seed)
        noise = torch.randn(latents.shape, generator=generator)
        full = self._context(batch, torch.ones(1, device=latents.device))
        nothing = torch.cat((self._nothing["text"], self._nothing["image"]))[None].float()
        made = pipe.denoise(
            noise,
            condition(latents),
            [full, nothing],
            Guidance(),
            fs=batch["fs"],
            generator=generator,
            batched=False,
        )
        self._vae.to(latents.device)
        references = self._vae.encode(keys.to(self._vae.device, self._vae.dtype)).references()
        video = pipe.decode(made, references, repair_middle=False)
        self._vae.to("cpu")
        _sheet(video[0], folder / "sample.png")

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """An adapter that `genani adapters import` takes, and the engine by its file or name."""
        card = AdapterCard(
            name=self._settings.adapter,
            base=BASE,
            kind=KIND,
            made=datetime.date.today().isoformat(),
            data=self._data,
            rights=self._settings.rights,
            settings={key: str(value) for key, value in msgspec.to_builtins(self._config).items()},
            figures=dict(figures),
        )
        unet: Any = _unet(models)
        with tempfile.TemporaryDirectory() as between:
            unet.save_lora_adapter(between)
            (written,) = Path(between).glob(f"*{SUFFIX}")
            with safe_open(written, "pt") as opened:
                names = opened.keys()
                tensors = {name: opened.get_tensor(name).half() for name in names}
                told = dict(opened.metadata() or {})
        save_file(tensors, folder / f"adapter{SUFFIX}", told | header(card))

    @property
    def _scaling(self) -> float:
        return self._vae.scaling

    def _order(self, step: int) -> list[int]:
        """Indices of the windows of a step: a new order for each time all are gone through."""
        count, size = len(self._learnt), self._config.batch
        found = []
        for place in range(step * size, (step + 1) * size):
            again, index = divmod(place, count)
            generator = torch.Generator().manual_seed(self._config.seed * 1_000_003 + again)
            found.append(int(torch.randperm(count, generator=generator)[index]))
        return found

    def _latents(self, models: Models, batch: Batch) -> Tensor:
        del models
        mean = batch["mean"]
        return (mean + batch["std"] * torch.randn_like(mean)) * self._scaling

    def _context(self, batch: Batch, chance: Tensor) -> Tensor:
        """(B, 333, D) tokens, some left out by a chance of 0..1 each."""
        chance = chance[:, None, None]
        no_text, no_image = chance < 0.1, (chance >= 0.05) & (chance < 0.15)
        text = torch.where(no_text, self._nothing["text"].float(), batch["text"].float())
        image = torch.where(no_image, self._nothing["image"].float(), batch["image"].float())
        return torch.cat((text, image), 1)

    def _loss(
        self,
        models: Models,
        latents: Tensor,
        noise: Tensor,
        steps: Tensor,
        batch: Batch,
        context: Tensor,
    ) -> Tensor:
        unet = _unet(models)
        return velocity_loss(unet, self._scheduler, latents, noise, steps, batch["fs"], context)


def velocity_loss(
    unet: ToonCrafterUNet,
    scheduler: ToonCrafterScheduler,
    latents: Tensor,
    noise: Tensor,
    steps: Tensor,
    fs: Tensor,
    context: Tensor,
) -> Tensor:
    """The published loss: mean squared error of the velocity.

    Args:
        latents: (B, 4, T, h, w) clean, scaled; their ends are the condition.
        noise: of the same shape.
        steps, fs: (B,).
        context: (B, N, D) tokens.
    """
    noisy = torch.cat((scheduler.add_noise(latents, noise, steps), condition(latents)), 1)
    wanted = scheduler.get_velocity(latents, noise, steps)
    made = unet(noisy.to(unet.dtype), steps, context.to(unet.dtype), fs).sample
    return functional.mse_loss(made.float(), wanted)


def condition(latents: Tensor) -> Tensor:
    """The keys' latents at their places, nothing between."""
    made = torch.zeros_like(latents)
    made[:, :, 0], made[:, :, -1] = latents[:, :, 0], latents[:, :, -1]
    return made


def make(config: TrainingConfig, data: Path | None) -> ToonCrafterTask:
    """The task, its clips encoded; see `genani.training.tasks.make`.

    Raises:
        ConfigError: no model, no data, or sizes that do not fit.
        FileError: the data holds no clip of sixteen drawings.
        ModelError: the model is missing or damaged.
    """
    settings = typed(config.task, ToonCrafterSettings, "task")
    if not settings.model:
        raise ConfigError("tooncrafter starts from weights you have: say where with --model PATH")
    if data is None:
        raise ConfigError("tooncrafter learns from your own clips: say where with --data DIR")
    if settings.width % 64 or settings.height % 64 or min(settings.width, settings.height) < 64:
        raise ConfigError("task.width and task.height must be multiples of 64")
    if not (data / dataset.NOTE).is_file() and not settings.rights.strip():
        raise RightsError(
            f"'{shown(data)}' cannot be trained on: nobody has said whose films these are; "
            "bring them in by `genani clips import`, or say who made them and that they may be "
            'trained on: --set task.rights="..."'
        )
    model, device = Path(settings.model).expanduser(), pick()
    if not model.exists():
        raise ModelError(f"{model} is not there: give the weights of ToonCrafter with --model PATH")

    def start() -> ToonCrafterPipeline:
        return pipeline_of(model, device)

    every = list(windows(data, settings.prompt))
    if not every:
        raise FileError(f"'{shown(data)}' holds no clip of sixteen drawings")
    cache = Cache.of(runs.home() / "cache", model, settings.height, settings.width)
    with tqdm(total=len(every), desc="encoding clips", leave=False, disable=None) as bar:
        for _ in cache.fill(every, lambda: start().to(device.torch)):
            bar.update()
    learnt, held = _parted(every, cache)
    nothing = read_or_none(cache.nothing)
    assert nothing is not None  # just written, or read before
    return ToonCrafterTask(settings, config, start, learnt, held, nothing, data.name)


def _parted(every: Sequence[Window], cache: Cache) -> tuple[list[Path], list[Path]]:
    """Windows to learn from and to judge by; one clip alone serves for both."""
    held = [cache.place(window) for window in every if window.held]
    learnt = [cache.place(window) for window in every if not window.held]
    if not held:
        held = learnt[-max(1, len(learnt) // 10) :]
        learnt = learnt[: -len(held)] or learnt
    return learnt or held, held


def _stacked(paths: Sequence[Path]) -> dict[str, Tensor]:
    read = [read_or_none(path) for path in paths]
    for path, item in zip(paths, read, strict=True):
        if item is None:
            raise FileError(f"'{shown(path)}' was deleted or damaged: start the training again")
    found = [item for item in read if item is not None]
    return {name: torch.stack([item[name] for item in found]) for name in found[0]}


def _unet(models: Models) -> ToonCrafterUNet:
    network = models[_NETWORK]
    if not isinstance(network, ToonCrafterUNet):
        raise TypeError(f"not the network of this task: {type(network).__name__}")
    return network


def _without_towers(
    vae: Any, unet: ToonCrafterUNet, scheduler: ToonCrafterScheduler
) -> ToonCrafterPipeline:
    """A pipeline that is given its tokens."""
    maker: Any = ToonCrafterPipeline
    towers = ("image_projector", "text_encoder", "tokenizer", "image_encoder")
    return maker(vae=vae, unet=unet, scheduler=scheduler, **dict.fromkeys(towers))


def _device(models: Models) -> torch.device:
    return _unet(models).device


def _sheet(video: Tensor, path: Path) -> None:
    """(3, T, H, W) in -1..1 as one picture, four frames a row."""
    frames = ((video.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 3, 0).cpu()
    count, height, width = frames.shape[:3]
    sheet = Image.new("RGB", (4 * width, -(-count // 4) * height))
    for place, frame in enumerate(frames):
        row, column = divmod(place, 4)
        sheet.paste(Image.fromarray(frame.numpy()), (column * width, row * height))
    sheet.save(path)
