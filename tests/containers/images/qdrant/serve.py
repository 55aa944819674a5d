"""The stand-in for Qdrant as the main program of a container: on every address, at Qdrant's port."""

import signal
import threading

from qdrant_client import QdrantClient
from qdrant_stand_in import StandIn  # type: ignore[import-not-found]  # beside this file in the image

_PORT = 6333


def main() -> None:
    is_over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: is_over.set())
    server = StandIn(QdrantClient(":memory:"), "0.0.0.0", _PORT)
    is_over.wait()
    server.stop()


if __name__ == "__main__":
    main()
