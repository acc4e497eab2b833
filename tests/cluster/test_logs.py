"""What our processes write to stderr, seen from outside as an operator sees it."""

import json
import subprocess
import sys
from pathlib import Path

_FAILS = """
import structlog
from cluster.logs import configure_logging

configure_logging()


def log_in(password):
    raise RuntimeError("no such user")


try:
    log_in("correct horse")
except RuntimeError as error:
    structlog.get_logger().error("login.failed", exc_info=error)
"""


def logged(program: str) -> list[dict[str, object]]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_is_one_json_object_with_the_traceback():
    (line,) = logged(_FAILS)
    assert (line["event"], line["level"]) == ("login.failed", "error")
    assert "no such user" in json.dumps(line["exception"])
    assert "log_in" in json.dumps(line["exception"])


def test_values_of_variables_stay_out_of_the_log():
    assert "correct horse" not in json.dumps(logged(_FAILS)[0]["exception"])


def test_a_log_that_cannot_be_written_ends_nothing():
    program = _FAILS + "\nprint('alive')"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=full, check=False)
    assert done.stdout == b"alive\n"
