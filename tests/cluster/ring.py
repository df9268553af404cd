#!/usr/bin/env python3
"""Cuts a little-endian pcap into COUNT files, as a ring buffer would have.   ring.py CAPTURE DIRECTORY COUNT"""
import struct
import sys

with open(sys.argv[1], "rb") as file:
    data = file.read()
places = [24]
while places[-1] < len(data):
    places.append(places[-1] + 16 + struct.unpack_from("<I", data, places[-1] + 8)[0])
count = int(sys.argv[3])
edges = [places[(len(places) - 1) * i // count] for i in range(count + 1)]
for number, (first, last) in enumerate(zip(edges, edges[1:])):
    with open("%s/%d.pcap" % (sys.argv[2], number), "wb") as out:
        out.write(data[:24] + data[first:last])
