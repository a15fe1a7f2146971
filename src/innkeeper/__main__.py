"""`python -m innkeeper`."""

from innkeeper.main import main

main()
