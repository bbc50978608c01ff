#!/usr/bin/env python3
"""Runs every command over the files that hostile_bdiff.py made, in the current directory: each must
refuse them (exit 3, or 1) with one line, no output and little memory and time.

    refuse_hostile.py MAX-MB VARLOCK MASKED.bam KEY.pem PUBLIC.pem FILE.bdiff...
MAX-MB 0: memory is not looked at."""
import os
import subprocess
import sys

SECONDS = 20  # ten times what it may take where nothing else runs
# Commands that do not look where a file is hostile: windows of a slice of everything are passed on.
BLIND = {'all': (), 'windows': (), 'streams': ('header', 'reencrypt'), 'records': ('header', 'reencrypt', 'view')}


def commands(varlock, masked, key, public, path):
    opened = ['-q', '-k', key]
    decrypt = [varlock, 'decrypt'] + opened + ['-d', path, '-o', 'out.sam']
    cut = [varlock, 'reencrypt'] + opened + ['-p', public, '-d', path, '-o', 'out.bdiff']
    yield 'decrypt', decrypt + [masked]
    yield 'decrypt -r', decrypt + ['-r', 'z', masked]
    yield 'decrypt --whole', decrypt + ['--whole', masked]
    yield 'reencrypt', cut + ['--all', masked]
    yield 'reencrypt -r', cut + ['-r', 'z', masked]
    yield 'view', [varlock, 'view', '-k', key, path]
    yield 'header', [varlock, 'view', '--header', '-k', key, path]
    yield 'merge', [varlock, 'merge'] + opened + ['-p', public, '-d', 'out.bdiff', '-o', 'out.bam', masked, path]


def run(command):
    """Exit status, stdout, stderr, MB, seconds; None as status where it takes too long."""
    with open('stdout', 'wb') as out, open('stderr', 'wb') as err:
        started = os.times().elapsed
        child = subprocess.Popen(['timeout', '-s', 'KILL', str(SECONDS)] + command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return (child.returncode, open('stdout', 'rb').read(), open('stderr', 'rb').read().decode('latin-1'),
            used.ru_maxrss / 1024, os.times().elapsed - started)


def main(max_mb, varlock, masked, key, public, *paths):
    failed = most = longest = 0
    for path in paths:
        who = path.rsplit('-', 1)[1][:-len('.bdiff')]
        for name, command in commands(varlock, masked, key, public, path):
            status, out, err, mb, seconds = run(command)
            most, longest = max(most, mb), max(longest, seconds)
            left = [f for f in os.listdir('.') if f.startswith('out') or f.startswith('.out')]
            lines = err.count('\n')
            refused = status in (1, 3) and lines == 1 and not out and not left
            passed = name in BLIND[who] and status == 0
            if not (refused or passed) or (int(max_mb) and mb > int(max_mb)):
                failed += 1
                print('%s: %s: exit %s, %d bytes out, %d lines (%s), left %s, %d MB, %.1f s' %
                      (path, name, status, len(out), lines, err.strip()[:200], left, mb, seconds), file=sys.stderr)
            for f in left:
                os.unlink(f)
    print('%d files, at most %d MB and %.1f s' % (len(paths), most, longest))
    sys.exit(failed > 0)


main(*sys.argv[1:])
