#!/usr/bin/env python3
"""Lets allocations of the program fail, one in each run, chosen at random.

usage: allocations.py PROGRAM LIBRARY CAPTURES [COUNT [SEED]]

LIBRARY is failing_malloc, to be preloaded. A run must end with status 0 or 2, the latter with a message, and leave no
half file. Allocations before any stranger's byte is read are left out: those before main(), of the sandbox, and of
OpenSSL as it starts, which does not bear it.
"""
import os
import random
import subprocess
import sys
import tempfile
import time


def run(program, library, arguments, **variables):
    return subprocess.run([program, '--no-sandbox', *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          env={'LD_PRELOAD': library, **variables}, timeout=60, check=False)


def count(program, library, arguments):
    return int(run(program, library, arguments, COUNT_TO='2').stderr.split()[-1])


def parts_in(folder):
    """Half files; another process removes them, which takes a moment."""
    for _ in range(200):
        left = [path for path in os.listdir(folder) if path.endswith('.part')]
        if not left:
            break
        time.sleep(0.01)
    return left


def main():
    program, library, captures = (os.path.abspath(path) for path in sys.argv[1:4])
    runs = int(sys.argv[4]) if len(sys.argv) > 4 else 300
    seed = sys.argv[5] if len(sys.argv) > 5 else str(random.randrange(1 << 32))
    rng = random.Random(seed)
    print(f'seed {seed}: {runs} runs')
    failures = told = 0
    with tempfile.TemporaryDirectory() as folder:
        inner, page = os.path.join(folder, 'inner.pcapng'), os.path.join(folder, 'page.html')
        jobs = []
        for name, keys in (('replay-and-icv', 'xfrm-state.txt'), ('ike-cookie', 'charon.log'),
                           ('beet-natt-chacha20', 'xfrm-state.txt')):
            base = [os.path.join(captures, name, 'wire.pcap'), '--keys', os.path.join(captures, name, keys)]
            for options in ([], ['-q'], ['--json'], ['-V'], ['-j', '2', '-w', inner], ['--html', page]):
                jobs.append(base + options)
        before = count(program, library, [os.path.join(folder, 'no such capture')])
        totals = [count(program, library, job) for job in jobs]
        for _ in range(runs):
            at = rng.randrange(len(jobs))
            number = rng.randrange(before + 100, totals[at])  # the same jobs differ by a few
            for path in (inner, page):
                if os.path.exists(path):
                    os.remove(path)
            done = run(program, library, jobs[at], FAIL_AT=str(number))
            errors = done.stderr.decode(errors='replace')
            # Of a thread's variables glibc itself ends the program.
            good = (done.returncode == 0 or done.returncode == 2 and 'espdump: ' in errors or
                    'Fatal glibc error' in errors)
            left = parts_in(folder)
            told += done.returncode == 2
            if not good or left:
                failures += 1
                print(f'FAIL_AT={number} {" ".join(jobs[at])}: status {done.returncode}, {errors[-200:]!r} {left}')
    print(f'{failures} of {runs} runs in trouble; {told} said that there was no memory')
    return 1 if failures or told == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
