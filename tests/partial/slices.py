#!/usr/bin/env python3
"""What `espdump merge` makes of captures in slices, held against one run over them.   slices.py ESPDUMP CAPTURES [SEED [ONE-IN]]

Every capture is cut at random places into 2 to 20 slices. Some of these overlap, as ring buffers may, and lack frames
that others have. Each becomes a partial result, with those before it for what began there, or with all others where
they may have IKE that it has lost; these are joined in several groupings and orders. The JSON lines must be those of one
run over all slices, byte for byte.
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

KEY_FILES = ("xfrm-state.txt", "charon.log", "ikev2_decryption_table")


def run(espdump, *arguments):
    return subprocess.run([espdump, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def records(data):
    """Where the records of a pcap begin, and where the last one ends."""
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    places = [24]
    while places[-1] + 16 <= len(data):
        places.append(places[-1] + 16 + struct.unpack_from(order + "I", data, places[-1] + 8)[0])
    return places


def cut(data, directory, dice, overlap):
    """Slices of a pcap as files; a few begin with frames that those before have, too, and lost some of their own."""
    places = records(data)
    frames = len(places) - 1
    if frames < 2 or places[-1] != len(data):
        return [], 0
    edges = sorted(dice.sample(range(1, frames), min(dice.randint(1, 19), frames - 1)))
    names = []
    lost = dice.choice((0, 0.1, 0.3)) if overlap else 0
    for first, last in zip([0] + edges, edges + [frames]):
        if first and overlap and dice.random() < 0.2:
            first = max(first - dice.randint(1, dice.choice((3, 30, 300))), 0)
        kept = [at for at in range(first, last) if dice.random() >= lost] or [first]
        names.append(os.path.join(directory, "%02d.pcap" % len(names)))
        with open(names[-1], "wb") as out:
            out.write(data[:24] + b"".join(data[places[at]:places[at + 1]] for at in kept))
    return [name for _, name in sorted((first_time(name), name) for name in names)], lost


def first_time(name):
    """Of a pcap, as merging orders captures; the second as it stands is enough for captures of one file."""
    with open(name, "rb") as file:
        data = file.read(32)
    return struct.unpack_from("<II" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">II", data, 24)


def joined(parts, directory, dice):
    """The same in another order, and some of them in one file."""
    parts = parts[:]
    dice.shuffle(parts)
    out = []
    while parts:
        group = [parts.pop() for _ in range(min(len(parts), dice.randint(1, 3)))]
        out.append(os.path.join(directory, "joined%d" % len(out)))
        with open(out[-1], "wb") as file:
            for part in group:
                with open(part, "rb") as one:
                    file.write(one.read())
    if dice.random() < 0.3:
        out.append(out[0])  # a task that ran twice
    return out


def check(espdump, capture, keys, directory, dice):
    """What differs; empty: nothing. None: it cannot be cut."""
    with open(capture, "rb") as file:
        data = file.read()
    slices, lost = cut(data, directory, dice, dice.random() < 0.5)
    if not slices:
        return None
    wanted, keys = one_run(espdump, slices, keys)
    parts = []
    for number, name in enumerate(slices):
        parts.append(name + ".esp")
        others = [other for other in slices if other != name] if lost else slices[:number]
        before = [word for other in others for word in ("--after", other)]
        made = run(espdump, name, *keys, "--partial", parts[-1], *before)
        if made.returncode != wanted.returncode or made.stdout:
            return "--partial: exit %d, %s" % (made.returncode, made.stderr.decode())
    # Without what came before, somebody has to be told where that makes a difference.
    alone = [name + ".alone" for name in slices]
    for name, part in zip(slices, alone):
        run(espdump, name, *keys, "--partial", part)
    found = run(espdump, "merge", *alone, "--json")
    if found.stdout != wanted.stdout and b"made without what came before" not in found.stderr:
        return "%d slices: another result without --after, and nobody says so" % len(slices)
    for grouping in (parts, joined(parts, directory, dice)):
        found = run(espdump, "merge", *grouping, "--json")
        differs = difference(wanted, found)
        if differs:
            return "%d slices: %s" % (len(slices), differs)
    return ""


def check_all(check, endings=(".pcap",)):
    """Calls check(ESPDUMP, CAPTURE, KEYS, DIRECTORY, DICE), as above, for every capture of the arguments' directory."""
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
            if not name.endswith(endings) or name.startswith("inner"):
                continue
            dice = random.Random("%s %s %s" % (seed, scenario, name))
            with tempfile.TemporaryDirectory() as directory:
                difference = check(espdump, os.path.join(place, name), keys, directory, dice)
            checked += difference is not None
            if difference:
                failed += 1
                print("%s/%s: %s" % (scenario, name, difference))
    print("%d captures, %d differ" % (checked, failed))
    return 1 if failed or not checked else 0


def one_run(espdump, captures, keys):
    """What one run over them prints, and the keys that it takes: a log may be without any."""
    done = run(espdump, *captures, *keys, "-q", "--json")
    return (run(espdump, *captures, "-q", "--json"), []) if done.returncode == 2 else (done, keys)


def difference(wanted, found):
    """The first lines that are not the same; empty: there are none."""
    if found.returncode != wanted.returncode:
        return "merge: exit %d instead of %d, %s" % (found.returncode, wanted.returncode, found.stderr.decode())
    if found.stdout == wanted.stdout:
        return ""
    pairs = zip(wanted.stdout.splitlines() + [b""], found.stdout.splitlines() + [b""])
    one, other = next(pair for pair in pairs if pair[0] != pair[1])
    return "\n  one run: %s\n  merge:   %s" % (one.decode(), other.decode())


if __name__ == "__main__":
    sys.exit(check_all(check))
