"""`python -m vises` is the command `vises`."""

from vises.cli import main

main()
