#!/usr/bin/env bash
# Runs docs/cluster/slurm.sh on a Slurm of its own, on this machine alone: a controller and a node with two processors.
#   slurm_test.sh ESPDUMP CAPTURE KEYS
# Exit 77: there is no Slurm here, or this user cannot start it.
set -euo pipefail
espdump=$(realpath "$1") capture=$(realpath "$2") keys=$(realpath "$3")
here=$(cd "$(dirname "$0")" && pwd)
cluster=$(cd "$here/../../docs/cluster" && pwd)
export PATH=$PATH:/usr/sbin
for program in munged slurmctld slurmd sbatch; do
  command -v "$program" >/dev/null || { echo "slurm: no $program"; exit 77; }
done

place=$(mktemp -d)
children=()
stop() {
  ((${#children[@]} == 0)) || kill "${children[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$place"
}
trap stop EXIT

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# munged wants directories that nobody else can write to, as high up as the root.
mkdir -p "$place"/{munge,state,spool,parts}
chmod 700 "$place"/munge
head -c 1024 /dev/urandom >"$place/munge/key"
chmod 600 "$place/munge/key"
munged --force --foreground --key-file="$place/munge/key" --socket="$place/munge/socket" \
  --pid-file="$place/munge/pid" --log-file="$place/munge/log" --seed-file="$place/munge/seed" 2>"$place/munged.out" &
children+=($!)

cat >"$place/slurm.conf" <<END
ClusterName=espdump
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$place/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=10
END
export SLURM_CONF=$place/slurm.conf
sed -i '/CryptoType/d' "$place/slurm.conf"
slurmctld -D -f "$SLURM_CONF" >"$place/slurmctld.log" 2>&1 &
children+=($!)
slurmd -D -f "$SLURM_CONF" >"$place/slurmd.log" 2>&1 &
children+=($!)
for ((i = 0; i < 100; ++i)); do
  [[ $(sinfo -h -o %t 2>/dev/null) == idle ]] && break
  sleep 0.2
done
if [[ $(sinfo -h -o %t 2>/dev/null) != idle ]]; then
  echo "slurm: does not start here"
  tail -3 "$place"/{slurmctld,slurmd,munge/}*log 2>/dev/null || true
  exit 77
fi

# A ring buffer of six files.
mkdir "$place/bin" "$place/ring"
ln -s "$espdump" "$place/bin/espdump"
export PATH=$place/bin:$PATH
/usr/bin/python3 "$here/ring.py" "$capture" "$place/ring" 6
ls "$place"/ring/*.pcap >"$place/list.txt"
mapfile -t captures <"$place/list.txt"
espdump "${captures[@]}" --keys "$keys" -q --json >"$place/one.json"

wait_for_report() {
  for ((i = 0; i < 300; ++i)); do
    [[ -e $place/report.json ]] && return 0
    [[ -z $(squeue -h) ]] && break
    sleep 0.2
  done
  [[ -e $place/report.json ]]
}

"$cluster/slurm.sh" "$place/list.txt" "$keys" "$place/parts" "$place/report.json"
wait_for_report || { cat "$place"/parts/*.log; echo "slurm: no report"; exit 1; }
cmp "$place/report.json" "$place/one.json"

# A task that is lost, and the job once more: only that one has something to do.
rm "$place/report.json" "$place/parts/3.esp"
touch -d '1 hour ago' "$place"/parts/*.esp
"$cluster/slurm.sh" "$place/list.txt" "$keys" "$place/parts" "$place/report.json"
wait_for_report || { cat "$place"/parts/*.log; echo "slurm: no report the second time"; exit 1; }
cmp "$place/report.json" "$place/one.json"
[[ $(find "$place/parts" -name '*.esp' -mmin -30 | wc -l) == 1 ]] || { echo "slurm: tasks were done twice"; exit 1; }
echo "slurm: six tasks and a merge, twice; the report is that of one run"
