#!/usr/bin/env python3
"""Captures, whole, cut and altered at random: the program must take every one of them.

usage: variants.py PROGRAM CAPTURES [COUNT [SEED]]

CAPTURES has a directory for each capture, with its key files beside it. A variant must end with status 0 or 3, or
with 2 where it is no capture any more; within a second; without a word of a sanitizer; what it prints as JSON must be
JSON. Prints the seed; `variants.py PROGRAM CAPTURES 1 SEED-N` makes variant N again.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

def header_of(original):
    """How many bytes at its front make this a capture whatever follows; 0: that cannot be said, as it is compressed."""
    if original[:4] == b'\x0a\x0d\x0d\x0a':
        return int.from_bytes(original[4:8], 'little')
    return 24 if original[:4] in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else 0


def has_keys(program, path):
    return subprocess.run([program, 'keys', path], stdin=subprocess.DEVNULL, capture_output=True,
                          check=False).returncode == 0


def scenarios(program, root):
    for name in sorted(os.listdir(root)):
        folder = os.path.join(root, name)
        if not os.path.isdir(folder):
            continue
        files = sorted(os.listdir(folder))
        keys = [os.path.join(folder, file) for file in files
                if file.endswith(('.txt', '.log')) and file.startswith(('xfrm-state', 'charon', 'keys', 'xfrm-monitor'))]
        keys = [path for path in keys if has_keys(program, path)]
        for file in files:
            if '.pcap' in file and not file.startswith('inner'):
                yield os.path.join(folder, file), keys


def flip(data, rng):
    for _ in range(rng.choice((1, 1, 2, 8, 64, 512))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def set_lengths(data, rng):
    for _ in range(rng.choice((1, 4, 16))):
        at = rng.randrange(max(1, len(data) - 4))
        size = rng.choice((1, 2, 4))
        data[at:at + size] = rng.choice((b'\xff' * size, b'\0' * size, b'\x7f' + b'\xff' * (size - 1)))


def splice(data, rng):
    at, size = rng.randrange(len(data)), rng.randrange(1, 2000)
    data[at:at] = data[rng.randrange(len(data)):][:size]


def drop(data, rng):
    at = rng.randrange(len(data))
    del data[at:at + rng.randrange(1, 2000)]


def cut(data, rng):
    del data[rng.randrange(len(data)):]


def vary(original, rng):
    data = bytearray(original)
    for change in rng.choice(((), (cut,), (flip,), (flip,), (flip, cut), (set_lengths,), (splice,), (drop,),
                              (set_lengths, flip, splice))):
        if data:
            change(data, rng)
    return bytes(data)


OPTIONS = ((), ('-q',), ('-v',), ('-V',), ('-x',), ('--json',), ('--json', '-q'), ('-j', '2'), ('--verify-only',),
           ('--html', 'PAGE'), ('-w', 'INNER'), ('--redact', '-V'), ('--inner-filter', 'tcp'), ('--crypto', 'openssl'))


def run(program, capture, keys, options, folder):
    places = {'PAGE': os.path.join(folder, 'page.html'), 'INNER': os.path.join(folder, 'inner.pcapng')}
    command = [program, capture, *(places.get(option, option) for option in options)]
    for key in keys:
        command += ['--keys', key]
    begin = time.monotonic()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    return done, time.monotonic() - begin, command


def trouble(done, seconds, is_capture, options, limit):
    errors = done.stderr.decode(errors='replace')
    if any(word in errors for word in ('Sanitizer', 'runtime error', 'assert', 'out of memory')):
        return errors[:3000]
    if done.returncode == 2 and is_capture:
        return f'status 2 of a capture: {errors[:300]}'
    if done.returncode not in (0, 2, 3):
        return f'status {done.returncode}: {errors[:300]}'
    if seconds > limit:
        return f'{seconds:.1f} s'
    if '--json' in options:
        for line in done.stdout.decode(errors='strict').splitlines():
            json.loads(line)
    return ''


def main():
    program, root = os.path.abspath(sys.argv[1]), sys.argv[2]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    seed = sys.argv[4] if len(sys.argv) > 4 else str(random.randrange(1 << 32))
    limit = float(os.environ.get('ESPDUMP_VARIANT_SECONDS', '1'))
    known = [(capture, keys, open(capture, 'rb').read()) for capture, keys in scenarios(program, root)]
    if not known:
        print(f'no captures in {root}')
        return 77
    print(f'seed {seed}: {count} variants of {len(known)} captures')
    failures, slowest = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            name = seed if count == 1 and '-' in seed else f'{seed}-{number}'
            rng = random.Random(name)
            capture, keys, original = rng.choice(known)
            data = vary(original, rng)
            options = rng.choice(OPTIONS)
            chosen = rng.sample(keys, min(len(keys), rng.randrange(3)))
            path = os.path.join(folder, 'variant.pcap')
            with open(path, 'wb') as file:
                file.write(data)
            try:
                done, seconds, command = run(program, path, chosen, options, folder)
                header = header_of(original)
                is_capture = header != 0 and len(data) >= header and data[:header] == original[:header]
                why = trouble(done, seconds, is_capture, options, limit)
                slowest = max(slowest, seconds)
            except Exception as error:  # a time limit, or what is no JSON
                why, command = repr(error), [capture, *options]
            if why:
                failures += 1
                print(f'variant {name} of {capture}: {" ".join(command)}\n  {why}')
    print(f'{failures} of {count} variants in trouble; the slowest took {slowest:.2f} s')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
