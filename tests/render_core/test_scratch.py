from threading import Thread

import numpy as np

from render_core.scratch import scratch, scratch_picture


def test_the_same_name_is_the_same_memory_at_any_size_that_fits():
    large, small = scratch("a", 10, 20), scratch("a", 3, 4, 3)
    assert np.shares_memory(large, small)
    assert small.shape == (3, 4, 3)


def test_other_names_and_other_threads_have_memory_of_their_own():
    others = []
    thread = Thread(target=lambda: others.append(scratch("a", 10, 20)))
    thread.start()
    thread.join()
    assert not np.shares_memory(scratch("a", 10, 20), scratch("b", 10, 20))
    assert not np.shares_memory(scratch("a", 10, 20), others[0])


def test_the_planes_of_a_picture_lie_apart():
    picture = scratch_picture("p", 20, 10)
    picture.y[:], picture.u[:], picture.v[:] = 1, 2, 3
    assert (picture.y == 1).all()
    assert (picture.u == 2).all()
