"""`python -m exam.processes.alive PORT`: whether pages are served there and all is well.

For the health check of a container, which carries no other program that could ask.
"""

from __future__ import annotations

import http.client
import json
import os
import sys

NAMES = "KAOCHANG_TRUSTED_HOSTS"


def is_well(port: int, host: str = "127.0.0.1") -> bool:
    """Whether /healthz answers with 200."""
    connection = http.client.HTTPConnection(host, port, timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": own_name(host)})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def own_name(otherwise: str) -> str:
    """A name under which the pages answer: others are refused before anything is looked at."""
    names = json.loads(os.environ.get(NAMES) or "[]")
    return str(names[0]).lstrip(".") if names else otherwise


if __name__ == "__main__":
    sys.exit(0 if is_well(int(sys.argv[1])) else 1)
