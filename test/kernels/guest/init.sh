#!/bin/busybox sh
# The first process of a guest: prepares the machine and runs the tests, with output on the second serial port.
/bin/busybox --install -s /bin 2>/dev/null
export PATH=/bin HOME=/work NO_COLOR=1
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=755 tmpfs /run
chmod 1777 /work
ip link set lo up
cd "/modules/$(uname -r)" && for file in *.xz; do [ -e "$file" ] && unxz "$file"; done
insmod ./veth.ko
stty -F /dev/ttyS1 raw -echo
cd /tests
# Several processes write; writes to a pipe stay in one piece.
sh ./run.sh | cat >/dev/ttyS1
# Unwritten output would be lost.
stty -F /dev/ttyS1 >/dev/null
poweroff -f
