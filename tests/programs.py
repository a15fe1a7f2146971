"""Client programs that tests run; on a developer's machine they may be missing, in CI they may not."""

import os
import shutil

import pytest


def need(program: str) -> str:
    """The full path of a program; skips the test without it, or fails it where everything must be there."""
    path = shutil.which(program)
    if path is None:
        packages = "openssh-client openssh-server putty-tools rclone lftp litmus cadaver"
        message = f"{program} is not installed: apt-get install {packages}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path
