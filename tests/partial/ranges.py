#!/usr/bin/env python3
"""What `espdump merge` makes of a capture read in ranges, held against one run over it.   ranges.py ESPDUMP CAPTURES [SEED [ONE-IN]]

Every capture is read in 2 to 12 ranges that end anywhere, also in the middle of records, and what comes of them is
joined in another order. The JSON lines must be those of one run over the capture, byte for byte.
"""
import os
import sys

from slices import check_all, difference, one_run, run


def cuts(size, dice):
    """Where ranges begin and end; a few have no record in them."""
    places = sorted(dice.sample(range(1, size), min(dice.randint(1, 11), size - 1)))
    if dice.random() < 0.3:
        places = sorted(set(places) | {places[0] + 1})
    return list(zip([0] + places, [str(place) for place in places] + [""]))


def check(espdump, capture, keys, directory, dice):
    """What differs; empty: nothing."""
    wanted, keys = one_run(espdump, [capture], keys)
    parts = []
    for begin, end in cuts(os.path.getsize(capture), dice):
        parts.append(os.path.join(directory, "%d.esp" % begin))
        made = run(espdump, capture, *keys, "--partial", parts[-1], "--range", "%d-%s" % (begin, end))
        if made.stdout or made.returncode not in (0, wanted.returncode):
            return "--range: exit %d, %s" % (made.returncode, made.stderr.decode())
    dice.shuffle(parts)
    found = run(espdump, "merge", *parts, "--json")
    differs = difference(wanted, found)
    if differs:
        return "%d ranges: %s" % (len(parts), differs)
    # One that is missing would make a report of less.
    if len(parts) > 2 and found.returncode == 0:
        found = run(espdump, "merge", *sorted(parts, key=os.path.getsize)[:-1], "--json")
        if found.returncode != 2 or b"in no partial result" not in found.stderr:
            return "merge without one of %d ranges: exit %d" % (len(parts), found.returncode)
    return ""


if __name__ == "__main__":
    sys.exit(check_all(check, (".pcap", ".pcapng")))
