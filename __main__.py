"""`python -m vises` is the command `vises`."""

import os
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line.

    A process that `multiprocessing` starts imports this module too, and does without the commands:
    they take 1.7 s of a processor to import. Whoever interrupts that sees no traceback.
    """
    _open_closed_streams()
    try:
        from vises import cli  # noqa: PLC0415 (see above)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    cli.main()


def _open_closed_streams() -> None:
    """Let standard streams that are closed lead nowhere.

    The next files that are opened would take their numbers, and get what others say there.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)  # the lowest that is free: the stream's own
            os.set_inheritable(number, True)  # noqa: FBT003 (positional only)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", errors="replace"))


if __name__ == "__main__":
    main()
