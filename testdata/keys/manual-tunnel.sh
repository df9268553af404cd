#!/bin/sh
# Both SAs of the tunnel, one SPI and one key.
set -e
LEFT=10.55.55.1
RIGHT="10.66.66.1"
export SPI=4266776951            # decimal, as people do
ENC='0xcd845eb835515e958569a0c88983f0debf172442041055822a347c8e05cafbfb'
AUTH=0xe053f42b69dcd7621d9582daca7f59c6b00dc2f1e25e282b4868e102ad3e4735
ip xfrm state flush; ip xfrm policy flush
sudo ip x s a src $LEFT dst "$RIGHT" proto esp spi $SPI reqid 1 mode tunnel \
    auth sha256 "$AUTH" enc 'cbc(aes)' $ENC
ip netns exec right ip xfrm state add src ${RIGHT} dst ${LEFT} \
  proto esp spi 0xfe51d977 reqid 1 mode tun auth 'hmac(sha256)' ${AUTH} enc aes ${ENC:-0x00} && echo done
ip xfrm policy add src 192.168.1.0/24 dst 192.168.2.0/24 dir out tmpl src $LEFT dst $RIGHT proto esp mode tunnel
