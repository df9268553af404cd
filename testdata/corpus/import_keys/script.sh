#!/bin/sh
ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1001 mode tunnel \
  aead 'rfc4106(gcm(aes))' 0x202122232425262728292a2b2c2d2e2f30313233 128 replay-window 32
ip xfrm policy add src 10.0.0.0/24 dst 10.0.1.0/24 dir out tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode tunnel
