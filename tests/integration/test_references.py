import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from compare import LEAST, MEAN, compare, ssim


@pytest.mark.shared_media
def test_stills_look_like_those_of_a_browser(shared_references, shared_media):
    found = {one.frame: one.ssim for one in compare(shared_references)}
    assert len(found) >= 12
    assert np.mean(list(found.values())) >= MEAN
    assert min(found.values()) >= LEAST, found


def test_similarity_is_one_for_equal_pictures_and_less_for_others():
    plane = np.random.default_rng(1).uniform(0, 255, (64, 64))
    assert ssim(plane, plane) == pytest.approx(1)
    assert ssim(plane, plane[::-1]) < 0.2
    assert 0.8 < ssim(plane, plane + 10) < 1
