"""`make containers`: builds the image, runs it and both compose files, and says how long each step took.

With Docker running, its images are the real ones. Without, podman does as root: in namespaces of its own, so
that nothing outside sees its bridges and ports, with stand-ins for images, so that no registry is needed.
"""

import os
import shutil
import subprocess
import sys

# Set for the tests: which engine runs them, and the network that builds may use.
ENGINE, OUTSIDE = "CONTAINER_ENGINE", "CONTAINER_BUILD_NETWORK"
DOCKER, PODMAN = "docker", "podman"
NEEDED = ("podman", "crun", "docker-compose", "mmdebstrap", "nsenter", "ip")
INSTALL = (
    "apt-get install podman crun netavark aardvark-dns uidmap mmdebstrap catatonit iptables iproute2"
    " docker-compose"
)
_ALONE = ["unshare", "--mount", "--net", "--propagation", "private", "--"]


def main() -> int:
    """The exit code of the tests; 0 with one line that says why where they cannot run."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-s",
        "-W",
        "error",
        "-m",
        "containers",
        "tests/containers",
        *sys.argv[1:],
    ]
    if _has_docker():
        return subprocess.run(command, env=os.environ | {ENGINE: DOCKER}, check=False).returncode
    if missing := _missing():
        print(f"Skipped: Docker is not running, and podman cannot stand in for it: {missing}.")
        return 0
    environment = os.environ | {ENGINE: PODMAN, OUTSIDE: f"/proc/{os.getpid()}/ns/net"}
    return subprocess.run([*_ALONE, *command], env=environment, check=False).returncode


def _has_docker() -> bool:
    return shutil.which("docker") is not None and _works(["docker", "compose", "version"], ["docker", "info"])


def _missing() -> str:
    """What keeps podman from being used; nothing where it can be."""
    if os.geteuid() != 0:
        return "it needs root here"
    if programs := [name for name in NEEDED if shutil.which(name) is None]:
        return f"missing {', '.join(programs)} ({INSTALL})"
    return "" if _works([*_ALONE, "true"]) else "no namespaces can be made (unshare --mount --net)"


def _works(*commands: list[str]) -> bool:
    return all(subprocess.run(each, capture_output=True, check=False).returncode == 0 for each in commands)


if __name__ == "__main__":
    sys.exit(main())
