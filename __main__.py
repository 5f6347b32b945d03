"""`python -m vises` is the command `vises`."""


def main() -> None:
    """Run the command line.

    A process that `multiprocessing` starts imports this module too, and does without the commands:
    they take 1.7 s of a processor to import.
    """
    from vises import cli  # noqa: PLC0415 (see above)

    cli.main()


if __name__ == "__main__":
    main()
