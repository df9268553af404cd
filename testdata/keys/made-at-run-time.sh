#!/bin/bash
# usage: made-at-run-time.sh LOCAL REMOTE
LOCAL=$1 REMOTE=$2
ID=0x$(head -c4 /dev/urandom | xxd -p)
KEY1=0x`dd if=/dev/urandom count=32 bs=1 2>/dev/null | xxd -p -c 64`
KEY2=0x`dd if=/dev/urandom count=32 bs=1 2>/dev/null | xxd -p -c 64`
ip xfrm state add src $LOCAL dst $REMOTE proto esp spi $ID reqid 1 mode tunnel auth sha256 $KEY1 enc aes $KEY2
ip xfrm state add src 10.66.66.1 dst 10.55.55.1 proto esp spi 0xfe51d977 reqid 1 mode tunnel auth sha256 $KEY1 enc aes $KEY2
