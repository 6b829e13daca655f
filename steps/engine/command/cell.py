"""A cell: a world for the judge of one learner and that learner's code, and for nobody else. Linux.

In it there are no processes but theirs, no network but a loopback of its own, and no files but
Python and the part of the course that judges, both to read only, and a small room to write in.
Nobody in it has a capability, and nobody can gain one. The judge is its process 1: signals from
inside, SIGKILL included, do not reach it, and when it ends, all end (pid_namespaces(7)). Since
it is not "dumpable", nobody inside can read or trace it (PR_SET_DUMPABLE, prctl(2); ptrace(2)).

bubblewrap builds the cell where it is installed; else unshare(1) makes the namespaces, and the
judge furnishes them with mount(2) before it hears of any learner.
"""

import contextlib
import errno
import glob
import os
import re
import shutil
import signal
import socket
import struct
import sys
from pathlib import Path

from steps import ROOT
from steps.engine.limits import Limits

PLACE = "/sys"              # every Linux has it, and nobody keeps files of theirs there
ROOM = "/room"              # all that can be written; no /tmp, in which the course may lie
SIZE = 64 << 20             # of it, in bytes
COURSE = [ROOT / "steps/__init__.py", ROOT / "steps/engine", ROOT / "tests/__init__.py",
          ROOT / "tests/behaviours", *sorted(ROOT.glob("steps/*/step.toml"))]
PREFIXES = ["", "/usr", "/usr/local", sys.base_prefix, os.path.realpath(sys.base_prefix)]
JUDGE = Limits(0, 1 << 30, 0)       # an answer without an end shall not eat up the machine
# From <linux/mount.h>, <linux/prctl.h> and <linux/sockios.h>.
RDONLY, NOSUID, NODEV, REMOUNT, BIND, REC, LOCKED = 1, 2, 4, 32, 4096, 16384, 0xC0E
SET_DUMPABLE, CAPBSET_DROP, SET_NO_NEW_PRIVS, SIOCSIFFLAGS, IFF_UP = 4, 24, 38, 0x8914, 1
# From <linux/seccomp.h>, <linux/bpf_common.h> and <linux/audit.h>.
SET_SECCOMP, FILTER, ALLOWED, REFUSED = 22, 2, 0x7FFF0000, 0x00050000 | errno.EPERM
LOAD, EQUAL, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
# Of a machine: its AUDIT_ARCH, and the numbers of the calls socket, and add_key, request_key,
# keyctl, io_uring_setup (which opens sockets by itself).
CALLS = {"x86_64": (0xC000003E, 41, 248, 249, 250, 425),
         "aarch64": (0xC00000B7, 198, 217, 218, 219, 425)}


def ways():
    """Return the names of the ways in which this system might make a cell, best first."""
    if sys.platform != "linux" or os.uname().machine not in CALLS:
        return []
    # Before 5.14 Linux counts a user's processes across all cells, and outside of them.
    kernel = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
    names = ["unshare"] if os.geteuid() == 0 else ["bwrap", "unshare"] if kernel >= (5, 14) else []
    return [name for name in names if shutil.which(name)]


def command(way, number):
    """Return the command that runs the grader in a cell of this way, or in none: way None.

    number: of the cell. Where root grades, each has a user that the system does not know.
    """
    words = [os.path.realpath(sys.executable) if way else sys.executable, "-I", "-S", "-B", "-c",
             f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
             "from steps.engine.command.grader import main; main(*sys.argv[1:])"]
    words = JUDGE.around(words) if os.name == "posix" else words
    if way == "bwrap":
        return [*bubblewrap(), *words, way]
    if way == "unshare" and sys.platform == "linux":
        user = 0 if os.geteuid() else (1 << 30) + os.getpid() % 1_000_000 * 1000 + number % 1000
        mapped = [] if user else ["--map-current-user", "--keep-caps"]
        return [shutil.which(way), *mapped, "--mount", "--pid", "--net", "--ipc", "--uts",
                "--fork", "--kill-child", "--", *words, way, str(user)]
    return words


def visible():
    """Return the paths that can be read in a cell: what Python needs, and what judges."""
    # Not all of /usr: a course or a class may lie in /usr/src, and conda keeps Flask beside lib.
    system = [f"{prefix}/{name}" for prefix in PREFIXES
              for name in ("bin", "lib", "lib32", "lib64")]
    system += ["/nix/store", "/etc/ld.so.cache", "/etc/hosts", "/etc/nsswitch.conf",
               os.path.realpath(sys.executable)]
    return [path for path in dict.fromkeys([*system, *map(str, COURSE)]) if os.path.exists(path)]


def hidden():
    """Return the folders in there that are empty in a cell: to find Flask is not to write it."""
    found = set()
    for prefix in PREFIXES:
        found |= set(glob.glob(f"{prefix}/lib*/python3*/*-packages"))
    return sorted(found)


def bubblewrap():
    """Return the beginning of a command that bwrap(1) runs in a cell."""
    words = [shutil.which("bwrap"), "--unshare-all", "--unshare-user", "--disable-userns",
             "--as-pid-1", "--die-with-parent"]
    for path in visible():
        words += ["--ro-bind", path, path]
    for path in hidden():
        words += ["--tmpfs", path, "--remount-ro", path]
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    for path in (ROOM, "/dev/shm"):
        words += ["--size", str(SIZE), "--tmpfs", path]
    return [*words, "--remount-ro", "/", "--chdir", ROOM, "--"]


def library(name, *words):
    """Call a function of the C library that Python has no name for. Raises ImportError, OSError."""
    import ctypes  # not every Python has it

    words = [ctypes.c_ulong(word) if isinstance(word, int) else word and os.fsencode(word)
             for word in words]
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*words) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def furnish(user):
    """Make a cell of fresh namespaces, as their root, and move in: as USER, a number, if not 0."""
    if sys.platform != "linux":
        raise OSError("only Linux has cells")

    def mount(source, path, kind, flags, data=None):
        library("mount", source, PLACE + path, kind, flags, data)

    mount("cell", "", "tmpfs", NOSUID | NODEV, "mode=755,size=1m")
    devices = [f"/dev/{name}" for name in ("null", "zero", "random", "urandom")]
    for path in [*visible(), *devices]:
        if os.path.isdir(path):
            os.makedirs(PLACE + path, exist_ok=True)
        elif not os.path.exists(PLACE + path):
            os.makedirs(os.path.dirname(PLACE + path), exist_ok=True)
            open(PLACE + path, "x").close()
        mount(path, path, None, BIND | REC)
        kept = os.statvfs(PLACE + path).f_flag & LOCKED     # or the kernel refuses
        mount(None, path, None, REMOUNT | BIND | RDONLY | NOSUID | kept)
    for path in hidden():
        mount("empty", path, "tmpfs", RDONLY, "size=4k")
    os.mkdir(f"{PLACE}/proc")
    mount("proc", "/proc", "proc", NOSUID | NODEV)
    for path in (ROOM, "/dev/shm"):
        os.mkdir(PLACE + path)
        mount("room", path, "tmpfs", NOSUID | NODEV, f"mode=1777,size={SIZE},nr_inodes=10000")
    mount(None, "", None, REMOUNT | BIND | RDONLY | NOSUID | NODEV)
    with socket.socket() as any_socket:
        library("ioctl", any_socket.fileno(), SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))
    os.chroot(PLACE)
    os.chdir(ROOM)
    for capability in range(64):
        with contextlib.suppress(OSError):      # the kernel knows fewer
            library("prctl", CAPBSET_DROP, capability, 0, 0, 0)
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    library("capset", struct.pack("Ii", 0x20080522, 0), bytes(24))      # version 3, of capget(2)


def refuse_calls():
    """Refuse to all in here what no namespace holds: keys (keyrings(7)), and sockets that reach
    beyond this machine's network, such as vsock(7). See seccomp(2), SECCOMP_SET_MODE_FILTER.
    """
    if sys.platform != "linux":
        raise OSError("only Linux has these calls")
    import ctypes

    arch, opens, *calls = CALLS[os.uname().machine]
    families = socket.AF_UNIX, socket.AF_INET, socket.AF_INET6
    # Each: what to do, how many lines to skip if that is so, and if not, and a number.
    lines = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, arch), (ANSWER, 0, 0, REFUSED),
             (LOAD, 0, 0, 0), (AT_LEAST, 0, 1, 1 << 30), (ANSWER, 0, 0, REFUSED)]
    for call in calls:
        lines += [(EQUAL, 0, 1, call), (ANSWER, 0, 0, REFUSED)]
    lines += [(EQUAL, 1, 0, opens), (ANSWER, 0, 0, ALLOWED), (LOAD, 0, 0, 16)]
    for family in families:
        lines += [(EQUAL, 0, 1, family), (ANSWER, 0, 0, ALLOWED)]
    lines.append((ANSWER, 0, 0, REFUSED))
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    library("prctl", SET_SECCOMP, FILTER,
            struct.pack("HP", len(lines), ctypes.addressof(program)), 0, 0)


def move_in(way, user="0"):
    """Make this process the judge in a cell that is begun in this way; raise OSError if it fails.

    What the judge relies on is looked at, and not believed.
    """
    # When memory is short, the kernel shall end somebody in here, and nobody's neighbour.
    Path("/proc/self/oom_score_adj").write_text("1000")
    if way == "unshare":
        furnish(int(user))
    signal.signal(signal.SIGINT, signal.SIG_DFL)        # no handler: no signal from inside
    library("prctl", SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    library("prctl", SET_DUMPABLE, 0, 0, 0, 0)
    refuse_calls()
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    if os.getpid() != 1 or int(told["NoNewPrivs"]) != 1 or int(told["Seccomp"]) != 2 or any(
            int(told[name], 16) for name in ("CapPrm", "CapEff", "CapInh", "CapBnd", "CapAmb")):
        raise OSError("it is not alone, or has rights")
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def sweep():
    """End all other processes of the cell, and empty its room: all of it is the learner's."""
    if sys.platform != "linux" or os.getpid() != 1:
        raise OSError("this is no cell")
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    for path in [*Path(ROOM).iterdir(), *Path("/dev/shm").iterdir()]:
        with contextlib.suppress(OSError, RecursionError):
            path.unlink() if path.is_symlink() or not path.is_dir() else shutil.rmtree(path)
