import io

import numpy as np
import pytest
from PIL import Image

from render_core.media.still import encode_still
from render_core.picture import to_rgb
from tests.scenes import smooth_picture


@pytest.mark.parametrize(("form", "largest"), [("png", 0.0), ("jpeg", 3.0), ("webp", 3.0)])
def test_a_still_shows_the_picture(form, largest):
    picture = smooth_picture(96, 64)
    with Image.open(io.BytesIO(encode_still(picture, form))) as image:
        assert (image.format, image.mode, image.size) == (form.upper(), "RGB", (96, 64))
        assert np.abs(np.asarray(image).astype(int) - to_rgb(picture)).mean() <= largest


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_equal_pictures_give_equal_files(form):
    assert encode_still(smooth_picture(), form) == encode_still(smooth_picture(), form)


@pytest.mark.parametrize("form", ["jpeg", "webp"])
def test_less_quality_takes_fewer_bytes(form):
    assert len(encode_still(smooth_picture(), form, 30)) < len(encode_still(smooth_picture(), form))
