"""A whole run in diffusers' form: two keys and a few words to sixteen frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import PIL.Image
import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer, CLIPVisionModel

from genani.engines.inbetween.tooncrafter import clip
from genani.engines.inbetween.tooncrafter.checkpoint import TOWERS, as_towers, load, read
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.image_tokens import ImageProjector
from genani.engines.inbetween.tooncrafter.output import ToonCrafterOutput, in_form
from genani.engines.inbetween.tooncrafter.sampling import WHOLE, Questions, Shortcuts
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from genani.engines.inbetween.tooncrafter.sizes import PUBLISHED, Sizes
from genani.engines.inbetween.tooncrafter.unet import ToonCrafterUNet
from genani.engines.inbetween.tooncrafter.vae import References, ToonCrafterVAE
from genani.scene.errors import ModelError

FRAMES = 16
"""How many frames the model was trained to draw; fewer come out badly."""

Generators = torch.Generator | list[torch.Generator] | None
KeyImage = PIL.Image.Image | Tensor
StepEnd = Callable[["ToonCrafterPipeline", int, int, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Keys:
    """The two keys as the network takes them.

    Attributes:
        condition: (B, 4, T, h, w) latents of the keys at both ends, nothing between.
        references: features for the decoder to look back at.
    """

    condition: Tensor
    references: References


class ToonCrafterPipeline(DiffusionPipeline):
    """Draws sixteen frames from the first key to the last, both keys among them.

    Args:
        vae: pictures to latents and back.
        unet: takes the noise out.
        image_projector: tokens of the image tower to tokens for the network.
        text_encoder, tokenizer: words to tokens.
        image_encoder: the first key to tokens.
        scheduler: how noise is taken out.
    """

    model_cpu_offload_seq = "text_encoder->image_encoder->image_projector->unet->vae"
    _callback_tensor_inputs = ["latents"]  # noqa: RUF012 - diffusers' own form

    vae: ToonCrafterVAE
    unet: ToonCrafterUNet
    image_projector: ImageProjector
    text_encoder: CLIPTextModel
    tokenizer: CLIPTokenizer
    image_encoder: CLIPVisionModel
    scheduler: ToonCrafterScheduler

    def __init__(
        self,
        vae: ToonCrafterVAE,
        unet: ToonCrafterUNet,
        image_projector: ImageProjector,
        text_encoder: CLIPTextModel,
        tokenizer: CLIPTokenizer,
        image_encoder: CLIPVisionModel,
        scheduler: ToonCrafterScheduler,
    ) -> None:
        super().__init__()
        self.register_modules(
            vae=vae,
            unet=unet,
            image_projector=image_projector,
            text_encoder=text_encoder,
            tokenizer=tokenizer,
            image_encoder=image_encoder,
            scheduler=scheduler,
        )

    @classmethod
    def from_single_file(
        cls,
        path: str | Path,
        tokenizer: CLIPTokenizer | str | Path,
        towers: str | Path | None = None,
        dtype: torch.dtype | None = None,
        vae_dtype: torch.dtype | None = None,
        sizes: Sizes = PUBLISHED,
    ) -> Self:
        """A pipeline of a published file: official, DeepSpeed's, half precision, or pruned.

        Args:
            path: of the checkpoint; pickles are read without running what may be in them.
            tokenizer: one, or where CLIP's table of word pieces lies.
            towers: a file of OpenCLIP ViT-H/14, needed where the checkpoint has no towers.
            dtype: of the weights; as in the file where left out.
            vae_dtype: of the autoencoder; float16 may blacken its pictures, bfloat16 does not.
            sizes: of the model.

        Raises:
            ModelError: a file is missing, damaged or another model's; the text says which.
        """
        path = Path(path)
        loaded = load(read(path), str(path), sizes, dtype, vae_dtype)
        parts = dict(loaded.parts)
        missing = tuple(part for part in TOWERS if part not in parts)
        if missing and towers is None:
            raise ModelError(
                f"{path} comes without CLIP: give a file of OpenCLIP ViT-H/14 beside it"
            )
        if missing:
            other = Path(str(towers))
            found = load(as_towers(read(other)), str(other), sizes, dtype, parts=missing)
            parts |= found.parts
            if lacking := [part for part in missing if part not in parts]:
                raise ModelError(f"{other} is no OpenCLIP ViT-H/14: it has no {lacking[0]}")
        if not isinstance(tokenizer, CLIPTokenizer):
            tokenizer = clip.tokenizer(Path(tokenizer))
        scheduler = ToonCrafterScheduler(base_scale=loaded.base_scale)
        return cls(**parts, tokenizer=tokenizer, scheduler=scheduler)

    @property
    def multiple(self) -> int:
        """Both sides of a key must be multiples of this, in pixels."""
        return 2 ** (len(self.vae.config["block_out_channels"]) - 1) * self.unet.multiple

    @torch.inference_mode()
    def __call__(
        self,
        first: KeyImage,
        last: KeyImage,
        prompt: str | list[str] = "an anime scene",
        negative_prompt: str | list[str] = "",
        num_inference_steps: int = 50,
        timesteps: Sequence[int] | None = None,
        guidance_scale: float = 7.5,
        guidance_rescale: float = 0.7,
        image_guidance_scale: float | None = None,
        eta: float = 1.0,
        fs: int = 10,
        num_frames: int = FRAMES,
        generator: Generators = None,
        latents: Tensor | None = None,
        repair_middle: bool = True,
        batched_guidance: bool = True,
        shortcuts: Shortcuts = WHOLE,
        sliced: bool = False,
        output_type: str = "pt",
        return_dict: bool = True,
        callback_on_step_end: StepEnd | None = None,
    ) -> ToonCrafterOutput | tuple[Any]:
        """Draw.

        Args:
            first, last: the keys: pictures, or (B, 3, H, W) in -1..1; sides multiples of 64 for
                the published model.
            prompt, negative_prompt: what is wanted and what is not, in English.
            num_inference_steps: the more, the finer; `timesteps` names them instead.
            guidance_scale, guidance_rescale, image_guidance_scale: see `Guidance`.
            eta: 1 adds fresh noise at each step, 0 none.
            fs: frames a second of the motion, 5 to 30: the fewer, the more moves.
            num_frames: how many; only 16 come out well.
            generator: of all noise, so that a run can be repeated.
            latents: (B, 4, T, H/8, W/8), the noise to start from.
            repair_middle: draw the two middle frames from a second decoding, as the published
                model does.
            batched_guidance: ask for all branches of guidance in one call: quicker on large
                cards, dearer in memory.
            shortcuts: what is left out to save time.
            sliced: decode in slices, in a third of the memory.
            output_type: `pt`, `np`, `pil` or `latent`.
            callback_on_step_end: diffusers' own: (pipeline, step, timestep, {"latents": ...})
                after each step; raise in it to cancel.

        Raises:
            ValueError: keys of different sizes, or sides that do not fit.
        """
        guidance = Guidance(guidance_scale, guidance_rescale, image_guidance_scale)
        starts, ends = self._pictures(first), self._pictures(last)
        self._check(starts, ends)
        keys = self.encode_keys(starts, ends, num_frames, generator=generator)
        contexts = self.contexts(starts, prompt, negative_prompt, guidance)
        if latents is None:
            latents = randn_tensor(
                tuple(keys.condition.shape), generator, self._execution_device, torch.float32
            )
        counted = None if timesteps else num_inference_steps
        self.scheduler.set_timesteps(counted, timesteps=timesteps)
        latents = self.denoise(
            latents,
            keys.condition,
            contexts,
            guidance,
            eta,
            fs,
            generator,
            batched=batched_guidance,
            on_step=callback_on_step_end,
            shortcuts=shortcuts,
        )
        if output_type == "latent":
            made: Any = latents
        else:
            video = self.decode(latents, keys.references, repair_middle, sliced=sliced)
            made = in_form(output_type, video)
        self.maybe_free_model_hooks()
        return ToonCrafterOutput(made) if return_dict else (made,)

    @torch.inference_mode()
    def encode_keys(
        self,
        starts: Tensor,
        ends: Tensor,
        frames: int = FRAMES,
        noise: Tensor | None = None,
        generator: Generators = None,
    ) -> Keys:
        """Both keys as latents at their places, and what the decoder looks back at.

        Each is encoded once; the published code encodes sixteen copies to the same end.

        Args:
            starts, ends: (B, 3, H, W), -1..1.
            noise: (2B, 4, H/8, W/8) of the posterior, starts and ends in turn; drawn where None.
        """
        pairs = torch.stack((starts, ends), 1).flatten(0, 1)
        device = self._execution_device
        encoded = self.vae.encode(pairs.to(device, self.vae.dtype))
        posterior = encoded.posterior
        mean, spread = posterior.mean.float(), posterior.std.float()
        if noise is None:
            noise = randn_tensor(tuple(mean.shape), generator, device, torch.float32)
        latents = (mean + spread * noise.to(device)) * self.vae.scaling
        latents = latents.unflatten(0, (-1, 2))
        condition = latents.new_zeros(len(starts), latents.shape[2], frames, *latents.shape[3:])
        condition[:, :, 0], condition[:, :, -1] = latents[:, 0], latents[:, 1]
        return Keys(condition, encoded.references())

    @torch.inference_mode()
    def contexts(
        self,
        starts: Tensor,
        prompt: str | list[str],
        negative_prompt: str | list[str],
        guidance: Guidance,
    ) -> list[Tensor]:
        """Tokens (B, 333, D) for each branch of guidance: full, nothing, picture without words."""
        count = len(starts)
        words = self.encode_text(_list(prompt, count))
        image = self.encode_image(starts)
        found = [torch.cat((words, image), 1)]
        if guidance.branches > 1:
            words = self.encode_text(_list(negative_prompt, count))
            grey = self.encode_image(torch.zeros_like(starts[:1])).expand_as(image)
            found.append(torch.cat((words, grey), 1))
        if guidance.branches > 2:
            found.append(torch.cat((words, image), 1))
        return found

    @torch.inference_mode()
    def encode_text(self, texts: list[str]) -> Tensor:
        """(N, 77, D) tokens of texts."""
        ids = clip.token_ids(self.tokenizer, texts).to(self._execution_device)
        return self.text_encoder(ids).last_hidden_state

    @torch.inference_mode()
    def encode_image(self, images: Tensor) -> Tensor:
        """(N, 256, D) tokens of pictures (N, 3, H, W), -1..1."""
        pixels = clip.pixels(images.to(self._execution_device)).to(self.image_encoder.dtype)
        tokens = self.image_encoder(pixels).last_hidden_state
        return self.image_projector(tokens.to(self.image_projector.dtype))

    @torch.inference_mode()
    def denoise(
        self,
        latents: Tensor,
        condition: Tensor,
        contexts: Sequence[Tensor],
        guidance: Guidance,
        eta: float = 1.0,
        fs: int | Tensor = 10,
        generator: Generators = None,
        noises: Sequence[Tensor] | None = None,
        batched: bool = True,
        on_step: StepEnd | None = None,
        shortcuts: Shortcuts = WHOLE,
    ) -> Tensor:
        """Take the noise out of (B, 4, T, h, w), float32, by the steps set in the scheduler.

        Args:
            noises: fresh noise of each step; drawn where None.
            batched: ask for all branches of guidance at once.
            on_step: called after each step.
        """
        steps = self.scheduler.timesteps.tolist()
        latents = latents.to(condition.device)
        asked = Questions(self.unet, contexts, guidance, fs, len(steps), batched, shortcuts)
        bar: Any = self.progress_bar
        with bar(total=len(steps)) as progress:
            for place, step in enumerate(steps):
                noisy = torch.cat((latents, condition), 1).to(self.unet.dtype)
                latents = self.scheduler.step(
                    asked.velocity(noisy, step, place),
                    step,
                    latents,
                    eta,
                    generator,
                    None if noises is None else noises[place].to(latents.device),
                ).prev_sample
                if on_step is not None:
                    given = on_step(self, place, step, {"latents": latents})
                    latents = (given or {}).get("latents", latents)
                progress.update()
        return latents

    @torch.inference_mode()
    def decode(
        self,
        latents: Tensor,
        references: References | None,
        repair_middle: bool = True,
        between: Callable[[], None] | None = None,
        sliced: bool = False,
    ) -> Tensor:
        """Frames (B, 3, T, H, W), about -1..1, float32, of latents as `denoise` gives them.

        Args:
            repair_middle: take the two middle frames from a second decoding, without the second
                and the last but one, where the first brightens at times.
            between: called before each decoding.
            sliced: layer by layer, in a third of the memory.
        """
        given = (latents / self.vae.scaling).to(self.vae.dtype)
        look_up = between or _go_on
        look_up()
        video = self.vae.decode(given, references, sliced=sliced).float()
        frames = given.shape[2]
        # Only its own sixteen frames are known to gain by it.
        if repair_middle and self.vae.video and frames == FRAMES:
            look_up()
            keep = [frame for frame in range(frames) if frame not in (1, frames - 2)]
            middle = frames // 2
            wanted = middle - 2, middle
            again = self.vae.decode(given[:, :, keep], references, wanted, sliced)
            video[:, :, middle - 1 : middle + 1] = again.float()
        return video

    def _pictures(self, image: KeyImage) -> Tensor:
        if isinstance(image, PIL.Image.Image):
            array = np.asarray(image.convert("RGB"), dtype=np.float32)
            image = torch.from_numpy(array / 127.5 - 1).permute(2, 0, 1)
        images = image[None] if image.ndim == 3 else image
        return images.to(self._execution_device, torch.float32)

    def _check(self, starts: Tensor, ends: Tensor) -> None:
        if starts.shape != ends.shape:
            raise ValueError("both keys must have one size and be as many")
        multiple = self.multiple
        height, width = starts.shape[2:]
        if height % multiple or width % multiple:
            raise ValueError(
                f"keys of {width} x {height} do not fit: both sides must be multiples of {multiple}"
            )


def _go_on() -> None:
    """Nobody wants to stop."""


def _list(text: str | list[str], count: int) -> list[str]:
    texts = [text] * count if isinstance(text, str) else text
    if len(texts) != count:
        raise ValueError(f"{len(texts)} texts were given for {count} pairs of keys")
    return texts
