#!/usr/bin/env python3
"""What `espdump merge` makes of a capture read in ranges, held against one run over it.   ranges.py ESPDUMP CAPTURES [SEED [ONE-IN]]

Every capture is read in 2 to 12 ranges that end anywhere, also in the middle of records, and what comes of them is
joined in another order. The JSON lines must be those of one run over the capture, byte for byte.
"""
import os
import random
import sys
import tempfile

from slices import KEY_FILES, run


def cuts(size, dice):
    """Where ranges begin and end; a few have no record in them."""
    places = sorted(dice.sample(range(1, size), min(dice.randint(1, 11), size - 1)))
    if dice.random() < 0.3:
        places = sorted(set(places) | {places[0] + 1})
    return list(zip([0] + places, [str(place) for place in places] + [""]))


def check(espdump, capture, keys, directory, dice):
    """What differs; empty: nothing."""
    wanted = run(espdump, capture, *keys, "-q", "--json")
    if wanted.returncode == 2:  # a log without keys
        keys = []
        wanted = run(espdump, capture, "-q", "--json")
    parts = []
    for begin, end in cuts(os.path.getsize(capture), dice):
        parts.append(os.path.join(directory, "%d.esp" % begin))
        made = run(espdump, capture, *keys, "--partial", parts[-1], "--range", "%d-%s" % (begin, end))
        if made.stdout or made.returncode not in (0, wanted.returncode):
            return "--range: exit %d, %s" % (made.returncode, made.stderr.decode())
    dice.shuffle(parts)
    found = run(espdump, "merge", *parts, "--json")
    if found.returncode != wanted.returncode:
        return "merge: exit %d instead of %d, %s" % (found.returncode, wanted.returncode, found.stderr.decode())
    if found.stdout != wanted.stdout:
        pairs = zip(wanted.stdout.splitlines() + [b""], found.stdout.splitlines() + [b""])
        one, other = next(pair for pair in pairs if pair[0] != pair[1])
        return "%d ranges\n  one run: %s\n  merge:   %s" % (len(parts), one.decode(), other.decode())
    # One that is missing would make a report of less.
    if len(parts) > 2 and found.returncode == 0:
        found = run(espdump, "merge", *sorted(parts, key=os.path.getsize)[:-1], "--json")
        if found.returncode != 2 or b"in no partial result" not in found.stderr:
            return "merge without one of %d ranges: exit %d" % (len(parts), found.returncode)
    return ""


def main():
    espdump, captures = sys.argv[1:3]
    seed = sys.argv[3] if len(sys.argv) > 3 else str(random.randrange(1 << 32))
    print("seed", seed)
    checked = failed = 0
    one_in = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    for scenario in sorted(os.listdir(captures))[::one_in]:
        place = os.path.join(captures, scenario)
        if not os.path.isdir(place):
            continue
        files = sorted(os.listdir(place))
        keys = [word for name in files if name in KEY_FILES for word in ("--keys", os.path.join(place, name))]
        keys += [word for name in files if name == "xfrm-policy.txt" for word in ("--policy", os.path.join(place, name))]
        for name in files:
            if not name.endswith((".pcap", ".pcapng")) or name.startswith("inner"):
                continue
            dice = random.Random("%s %s %s" % (seed, scenario, name))
            with tempfile.TemporaryDirectory() as directory:
                difference = check(espdump, os.path.join(place, name), keys, directory, dice)
            checked += 1
            if difference:
                failed += 1
                print("%s/%s: %s" % (scenario, name, difference))
    print("%d captures, %d differ" % (checked, failed))
    return 1 if failed or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
