#!/usr/bin/env python3
"""How much memory a merge takes does not depend on how many partial results follow one another in time.

memory.py ESPDUMP MAKE_PARTIALS
"""
import pathlib
import subprocess
import sys
import tempfile

PACKETS = 64 * 32_768  # one block for each of the many
FEW, MANY = 2, 64
MOST_MORE = 24 * 1024  # KiB; a block of frames takes more than 1 MiB

# The peak is that of one child, so each is measured by a process of its own.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(espdump, make_partials, slices):
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([make_partials, directory, "--packets", str(PACKETS), "--slices", str(slices)],
                       check=True, stdout=subprocess.DEVNULL)
        parts = sorted(str(path) for path in pathlib.Path(directory).glob("*.esp"))
        if len(parts) != slices:
            sys.exit(f"{len(parts)} partial results instead of {slices}")
        told = subprocess.run([sys.executable, "-c", MEASURE, espdump, "merge", *parts],
                              check=True, capture_output=True, text=True).stdout
        return int(told)


def main():
    espdump, make_partials = sys.argv[1:]
    few, many = (peak(espdump, make_partials, slices) for slices in (FEW, MANY))
    if many > few + MOST_MORE:
        sys.exit(f"{MANY} partial results take {many} KiB to merge, {FEW} of the same frames take {few}")


main()
