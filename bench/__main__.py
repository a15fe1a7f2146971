"""`make bench`: runs every entry, or those named, and prints a table."""

import importlib
import sys

ENTRIES = ("access", "rest", "imports", "sftp", "listing", "kill", "crowd", "pages", "logins")


def main() -> int:
    for name in sys.argv[1:] or ENTRIES:
        entry = importlib.import_module(f"bench.{name}")
        print(f"\n{name}: {(entry.__doc__ or '').splitlines()[0]}", flush=True)
        for what, value, remark in entry.run():
            print(f"  {what:<52} {value:>12,.2f}  {remark}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
