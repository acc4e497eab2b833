"""What an output asks of the video that goes into it."""

from render_core.composition import Composition
from render_core.errors import InvalidInputError
from render_core.media.profiles import GifProfile, profile_of
from render_core.spec import RenderSpec

LONGEST_GIF_S = 30


def fitted(spec: RenderSpec, composition: Composition) -> RenderSpec:
    """The spec as its output can have it: a GIF is made smaller, and has to be short.

    Raises:
        InvalidInputError: If it is too long.
    """
    profile = profile_of(spec.output, spec.quality)
    if not isinstance(profile, GifProfile):
        return spec
    picture = composition.format
    duration_s = composition.frame_count / picture.fps
    if duration_s > LONGEST_GIF_S:
        limit = f"a GIF lasts {LONGEST_GIF_S} s at most, and this video lasts {float(duration_s):.1f} s"
        raise InvalidInputError("output", f"{limit}; make it shorter (config.duration), or choose mp4 or webm")
    factor = min(1.0, profile.shorter_side / min(picture.width, picture.height))
    return spec.model_copy(update={"scale": spec.scale * factor})
