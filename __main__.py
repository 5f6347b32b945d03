"""`python -m vises` is the command `vises`."""

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line.

    A process that `multiprocessing` starts imports this module too, and does without the commands:
    they take 1.7 s of a processor to import. Whoever interrupts that sees no traceback.
    """
    try:
        from vises import cli  # noqa: PLC0415 (see above)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    cli.main()


if __name__ == "__main__":
    main()
