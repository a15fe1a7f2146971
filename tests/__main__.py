"""Runs every test and ends with one plain line: `N passed, N failed`."""

import os
import sys

import pytest


class Count:
    """Counts outcomes as pytest reports them; with several workers, in the process that leads them."""

    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed += 1
        elif report.skipped:
            self.skipped += 1
        elif report.when == "call":
            self.passed += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.failed += report.failed


def main() -> int:
    # Hundreds of servers start in these tests, each twice as fast from compiled code.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    count = Count()
    code = int(pytest.main(["-n", "3", "--dist", "loadfile", *sys.argv[1:]], plugins=[count]))
    if code and not count.failed:
        count.failed = 1
    skipped = f", {count.skipped} skipped" if count.skipped else ""
    print(f"{count.passed} passed, {count.failed} failed{skipped}")
    return code


if __name__ == "__main__":
    sys.exit(main())
