import subprocess
import sys

PROGRAM = """
import resource
import numpy as np
import cv2
from render_core.process import prepare_process

prepare_process()
assert cv2.getNumThreads() == 1

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20

before, small = resident(), []
for _ in range(30):
    large = [np.ones(3 << 20, np.uint8) for _ in range(10)]
    small.append(np.ones(100_000, np.uint8))
    del large
assert resident() - before < 20, resident() - before
"""


def test_a_prepared_process_has_one_processor_and_gives_large_blocks_back(request):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=request.config.rootpath, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
