"""No test reaches further than this machine."""

import ipaddress
import sys
from typing import Any

LOCAL_NAMES = {"localhost", "testserver", ""}


class NetworkRefused(RuntimeError):
    """A test reached for the network."""


def stay_on_this_machine() -> None:
    """From now on this process may connect to loopback and Unix sockets only, and resolve no other name."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _refuse_unless_local(arguments[1])
    elif event == "socket.getaddrinfo":
        _refuse_unless_local((arguments[0],))


def _refuse_unless_local(address: object) -> None:
    if not isinstance(address, tuple):
        return  # the path of a Unix socket
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    if host is None or host in LOCAL_NAMES or host.endswith(".localhost"):
        return
    try:
        local = ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        local = False
    if not local:
        raise NetworkRefused(f"a test reached for {host}: tests stay on this machine")
