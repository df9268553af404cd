# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# --kernel-stats: what real kernels counted against what real captures show.

group_kernel() {
  local place=$testdata/captures/replay-and-icv
  run 0 "$place/wire.pcap" -k "$place/xfrm-state.txt" -q --kernel-stats "$place/xfrm-state-s-g2.txt" \
    --kernel-stats "$place/xfrm_stat-g2.txt"
  silent err
  says out '^  #1, where it is received: equal: packets 111, replay-window 3, replay 7, failed 8$'
  says out '^  #3, where it is received: equal: packets 230, replay-window 0, replay 7, failed 11$'
  says out '^  #4, where it is sent: equal: packets 3$'
  says out '^  /proc/net/xfrm_stat: equal: XfrmInNoStates 2, XfrmInStateProtoError 19, XfrmInStateSeqError 17$'
  # Both files in one, as a pipe.
  run 0 "$place/wire.pcap" -k "$place/xfrm-state.txt" -q \
    --kernel-stats <(cat "$place/xfrm-state-s-g2.txt" "$place/xfrm_stat-g2.txt") --json
  [[ $(grep -c '"type":"kernel_stats".*"equal":true' out) == 5 ]] || fail "not all are equal"
  # Half of the capture lacks packets, and it is told how many.
  run 0 "$place/wire.pcap" -k "$place/xfrm-state.txt" -q -c 100 --kernel-stats "$place/xfrm-state-s-g2.txt"
  says out '^  #1, where it is received: differs: packets 111 \(capture: '
  says out '^      packets: the capture lacks [0-9]+ packets that the kernel took'
  # ESN, both numbers set by hand on both ends; NAT in front of the box that counted.
  place=$testdata/captures/seq-esn-gcm
  run 0 "$place/wire.pcap" -k "$place/xfrm-state.txt" -q --kernel-stats "$place/xfrm-state-s.txt"
  says out '^  #2, where it is received: equal: packets 46'
  place=$testdata/captures/beet-natt-chacha20
  run 0 "$place/wire.pcap" -k "$place/xfrm-state.txt" -q --kernel-stats "$place/xfrm-state-s.txt"
  says out '^  #2, where it is received: equal: packets 19'

  run 2 "$place/wire.pcap" -q --kernel-stats "$place/charon.log"
  says err 'charon\.log: holds no counters of a kernel; take them with `sudo ip -s xfrm state`'
  run 2 - -q --kernel-stats -
  says err "standard input cannot be the kernel's counters and something else"
  run 2 "$place/wire.pcap" -q --kernel-stats nosuch
  says err '^espdump: nosuch: no such file'
}
