#!/usr/bin/env python3
"""What a large job takes, by the numbers of docs/scale.md: tasks are drawn, placed on workers as a scheduler does, and
merged.   cost.py --packets N --size BYTES [--workers N] [--slice BYTES] ...
"""
import argparse
import heapq
import random


def arguments():
    parser = argparse.ArgumentParser(description="What a large job takes: workers, storage and the merge.")
    parser.add_argument("--packets", type=float, required=True)
    parser.add_argument("--size", type=float, required=True, help="bytes of all captures")
    parser.add_argument("--workers", type=int, default=200, help="tasks that run at a time, a core each")
    parser.add_argument("--slice", type=float, default=10e9, help="bytes of a task")
    parser.add_argument("--worker-us", type=float, default=6.8, help="processor time of a packet in a task")
    parser.add_argument("--merge-us", type=float, default=2.3, help="processor time of a packet in the merge")
    parser.add_argument("--merges", type=int, default=1, help="reports of as many peers, each merged on a core")
    parser.add_argument("--partial-bytes", type=float, default=16, help="of a packet")
    parser.add_argument("--read", type=float, default=500e6, help="bytes a second that one task reads")
    parser.add_argument("--storage", type=float, default=10e9, help="bytes a second that all of them read together")
    parser.add_argument("--failing", type=float, default=0.01, help="part of the tasks that is done twice")
    parser.add_argument("--spread", type=float, default=0.2, help="by how much tasks of one size differ in time")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def task_seconds(options, dice):
    """Of one task, with what it is done again for. Captures are read twice: for their packets and for their hash."""
    packets = options.packets * options.slice / options.size
    rate = min(options.read, options.storage / options.workers)
    seconds = packets * options.worker_us * 1e-6 + 2 * options.slice / rate
    seconds *= dice.lognormvariate(0, options.spread)
    return seconds * (2 if dice.random() < options.failing else 1)


def finished(options):
    """When the last task ends, and the time of all of them."""
    dice = random.Random(options.seed)
    free = [0.0] * options.workers
    busy = 0.0
    for _ in range(max(round(options.size / options.slice), 1)):
        seconds = task_seconds(options, dice)
        busy += seconds
        heapq.heapreplace(free, free[0] + seconds)
    return max(free), busy


def duration(seconds):
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return "%.1f %s" % (seconds / length, unit)
    return "%.0f seconds" % seconds


def size(count):
    for unit, length in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= length:
            return "%.3g %s" % (count / length, unit)
    return "%.0f bytes" % count


def main():
    options = arguments()
    options.slice = min(options.slice, options.size)
    tasks, busy = finished(options)
    partials = options.packets * options.partial_bytes
    merge = (options.packets * options.merge_us * 1e-6 + partials / options.read) / options.merges
    print("%.4g packets in %s, %.0f tasks on %d workers" %
          (options.packets, size(options.size), options.size / options.slice, options.workers))
    print("tasks            %s, %s of workers" % (duration(tasks), duration(busy)))
    print("partial results  %s" % size(partials))
    cores = "one core" if options.merges == 1 else "%d cores" % options.merges
    print("merge            %s, %s" % (duration(merge), cores))
    print("in all           %s" % duration(tasks + merge))


if __name__ == "__main__":
    main()
