# The running kernel by /sys/kernel/btf alone, without an image or debuginfo, which empty files hide here:
# functions are armed by symbol, parameters and types are known, tracepoints have their system.
fail() { echo "$1"; exit 1; }
[ -n "$HIDDEN" ] || HIDDEN=1 exec unshare -m sh "$0"
SYSTEMTAP_DIR=$W
export SYSTEMTAP_DIR
for f in "/boot/vmlinuz-$KVER" "/usr/lib/debug/boot/vmlinux-$KVER"; do
	[ ! -e "$f" ] || mount --bind /dev/null "$f" || fail "cannot hide $f"
done
mount -t tracefs none /sys/kernel/tracing 2>/dev/null

"$STAP" -L 'kernel.function("vfs_read").return' > "$W/list" 2> "$W/err"
[ "$(cat "$W/list")" = "kernel.function(\"vfs_read\").return \$return:ssize_t \$file:struct file* \$buf:char* \$count:size_t \$pos:loff_t*" ] ||
	fail "-L of a function: $(cat "$W/list" "$W/err")"
"$STAP" -L 'kernel.trace("sched:sched_switch")' > "$W/list" 2> "$W/err"
grep -q 'prev:struct task_struct' "$W/list" || fail "-L of a tracepoint: $(cat "$W/list" "$W/err")"
"$STAP" -p3 -e 'probe kernel.function("vfs_read") { println($count, $file->f_mode, @var("runqueues")->nr_running) }' \
	> "$W/unit" 2> "$W/err" || fail "no unit: $(head -3 "$W/err")"
grep -q '\.symbol = "vfs_read"' "$W/unit" || fail "not armed by its symbol"
! "$STAP" -p2 -e 'probe kernel.function("vfs_read") { println($nowhere) }' > "$W/list" 2> "$W/err" || fail "\$nowhere is there"
grep -q 'only BTF here' "$W/err" || fail "nothing said about BTF: $(head -3 "$W/err")"
! "$STAP" --debuginfo=dwarf -p2 -e 'probe kernel.function("vfs_read") {}' > "$W/list" 2> "$W/err" || fail "DWARF from nowhere"
grep -q "install linux-image-$KVER-dbg" "$W/err" || fail "no package named: $(head -3 "$W/err")"
