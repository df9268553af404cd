"""What the scripts of this directory have in common: their arguments, and how espdump and tshark are asked."""
import json
import os
import secrets
import shutil
import subprocess
import sys

SKIPPED = 77


def arguments(words, count):
    """The program, how many packets, and the seed, which is printed: PROGRAM [COUNT [SEED]]."""
    seed = words[2] if len(words) > 2 else secrets.token_hex(4)
    print('seed', seed)
    return os.path.abspath(words[0]), int(words[1]) if len(words) > 1 else count, seed


def espdump(program, *options):
    done = subprocess.run([program, *options], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (done.returncode, done.stderr.decode())
    return done.stdout.decode()


def packets(program, *options):
    """The packets of `espdump --json`."""
    rows = map(json.loads, espdump(program, *options, '--json').splitlines())
    return [row for row in rows if row['type'] == 'packet']


def tshark(capture, home, fields, *preferences):
    """A dictionary for each packet, of the fields that it has, each a list of texts. Tables of keys are in `home`."""
    command = ['tshark', '-n', '-r', capture, '-T', 'fields', '-E', 'separator=;']
    for flag, words in (('-o', preferences), ('-e', fields)):
        command += [part for word in words for part in (flag, word)]
    done = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, 'WIRESHARK_CONFIG_DIR': home, 'HOME': home})
    for line in done.stdout.decode().splitlines():
        yield {name: value.split(',') for name, value in zip(fields, line.split(';')) if value}


def needs_tshark():
    if shutil.which('tshark') is None:
        print('skipped: no tshark')
        sys.exit(SKIPPED)
