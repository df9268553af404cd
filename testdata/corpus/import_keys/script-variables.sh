#!/bin/sh
export A="0x000102030405060708090a0b0c0d0e0f" B=10.0.0.1
ID="spi 010 reqid 5"
sudo ip x s a src $B dst ${C:-10.0.0.2} proto esp $ID mode tun \
  enc 'cbc(aes)' $A auth sha1 '01234567890123456789' flag esn noecn replay-window 64 # end
ip netns exec x ip xfrm state update src $1 dst $(host x) proto esp spi `date` enc aes $A && (xfrm state add proto ah src 10.0.0.1 dst 10.0.0.2 spi 0x9 auth md5  limit time-hard 5 sel src 10.1.0.1 sport 5 encap espinudp 4500 4500 0.0.0.0 offload packet dev e dir in)
