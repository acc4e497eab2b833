"""Say in one line what is missing before a long installation fails on it."""

import shutil
import subprocess
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older interpreter is just what this looks for
    sys.exit(f"Reelgrove needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. Try make PYTHON=…")
if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
    sys.exit(f"{sys.executable} has no pip. On Debian: apt-get install python3-pip")
if shutil.disk_usage(".").free < 3e9:
    sys.exit("Less than 3 GB free on this disk: the environment needs about 2 GB. Free some space first.")
