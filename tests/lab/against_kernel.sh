#!/usr/bin/env bash
# Runs tests/differential/against_kernel.py with Debian's kernel in QEMU, on hosts whose own kernel has no XFRM.
#   against_kernel.sh PROGRAM [COUNT [SEED]...]
# Needs root (for mmdebstrap) and the Debian packages mmdebstrap, cpio, qemu-system-x86, python3-scapy and
# python3-cryptography. SUITE (bookworm) names the guest; ESPDUMP_LAB (~/.cache/espdump-lab) keeps it for the next time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:?name the program}")
count=${2:-4000} suite=${SUITE:-bookworm}
seeds=("${@:3}")
((${#seeds[@]} > 0)) || seeds=("$RANDOM" "$RANDOM" "$RANDOM")
lab=${ESPDUMP_LAB:-$HOME/.cache/espdump-lab}/$suite
script=$here/../differential/against_kernel.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The whole guest is one archive that the kernel unpacks into memory, without what a network in a file needs not.
build_guest() {
  local root=$work/root kernel
  mmdebstrap --quiet --variant=apt --include=iproute2,python3,kmod,mount,linux-image-amd64 "$suite" "$root"
  kernel=$(basename "$root"/lib/modules/*)
  rm -rf "$root"/var/{cache/apt,lib/apt/lists}/* "$root"/usr/share/{doc,locale,man}/* "$root"/boot/initrd* \
    "$root/lib/modules/$kernel"/kernel/{sound,drivers/{gpu,media,infiniband,scsi,usb,staging,iio,hwmon,ata,bluetooth}}
  chroot "$root" depmod "$kernel"
  mkdir -p "$lab" "$root/exchange"
  cat >"$root/init" <<'INIT'
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /run/netns
for module in virtio_pci 9pnet_virtio 9p esp4 esp6 ah4 ah6 xfrm_user veth; do modprobe "$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L exchange /exchange
uname -r >/exchange/kernel
for run in /exchange/*/; do
  python3 /exchange/against_kernel.py play "$run" >"$run/log" 2>&1
  echo $? >"$run/status"
done
umount /exchange
echo b >/proc/sysrq-trigger
INIT
  chmod +x "$root/init"
  mv "$root"/boot/vmlinuz-* "$lab/vmlinuz"
  (cd "$root" && find . -print0 | cpio --null --create --quiet --format=newc | gzip -1) >"$lab/guest.part"
  mv "$lab/guest.part" "$lab/guest"
  rm -rf "$root"
}

[[ -e $lab/guest ]] || build_guest
mkdir "$work/exchange"
cp "$script" "$work/exchange/"
for seed in "${seeds[@]}"; do
  mkdir "$work/exchange/$seed"
  /usr/bin/python3 "$script" make "$program" "$work/exchange/$seed" "$count" "$seed"
done
# Emulated: it works inside other guests, too, and is fast enough.
timeout 900 qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max,la57=off -m 2048 -nographic -nodefaults -no-reboot -serial "file:$work/console" \
  -kernel "$lab/vmlinuz" -initrd "$lab/guest" -append "console=ttyS0 panic=-1 quiet mitigations=off nokaslr tsc=unstable random.trust_cpu=on" \
  -virtfs local,path="$work/exchange",mount_tag=exchange,security_model=none </dev/null
if [[ ! -e $work/exchange/kernel ]]; then
  tail -20 "$work/console" >&2
  exit 1
fi
echo "Linux $(<"$work/exchange/kernel")"
failed=0
for seed in "${seeds[@]}"; do
  [[ $(<"$work/exchange/$seed/status") == 0 ]] || cat "$work/exchange/$seed/log"
  /usr/bin/python3 "$script" check "$program" "$work/exchange/$seed" || failed=1
done
exit $failed
