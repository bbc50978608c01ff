#!/usr/bin/env python3
"""stall.py SIGNAL COMMAND...: runs COMMAND with a small pipe as its standard output that nobody reads, sends it the
signal once it waits for the reader, and exits with the status that a shell would give.

That it waits is told by a pipe that holds something and a process that sleeps and uses no CPU time from look to look.  If
that is wrong once, the signal comes earlier than meant, and the command must end all the same."""
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import time

LOOKS = 30

reading, writing = os.pipe()
fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
run = subprocess.Popen(sys.argv[2:], stdout=writing)
same, before = 0, None
while same < LOOKS:
    time.sleep(0.01)
    if run.poll() is not None:
        sys.exit("it ended by itself, with %d" % run.returncode)
    held = struct.unpack("i", fcntl.ioctl(reading, termios.FIONREAD, bytes(4)))[0]
    fields = open("/proc/%d/stat" % run.pid).read().rpartition(")")[2].split()
    now = held, fields[0], fields[11], fields[12]
    same = same + 1 if now == before and held > 0 and fields[0] == "S" else 0
    before = now
run.send_signal(getattr(signal, sys.argv[1]))
try:
    status = run.wait(300)
except subprocess.TimeoutExpired:
    run.kill()
    sys.exit("it does not end")
sys.exit(status if status >= 0 else 128 - status)
