"""The process of `tracepass-mock`. Its commands are in `commands`."""

import gc


def main() -> None:
    """Run the command line. A start makes much that stays, so that the cyclic collector would look at it in vain:
    it rests until calls are served (`serving`).
    """
    gc.disable()
    from tracepass_contract.mockserver import commands

    commands.main()


if __name__ == "__main__":
    main()
