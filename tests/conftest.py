"""What all of our tests need of the process that they run in."""

import signal


def pytest_configure() -> None:
    """Ctrl-C is heard in all that the tests start: a shell that runs them in the background has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
