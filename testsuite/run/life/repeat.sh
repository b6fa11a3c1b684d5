# Many loads and unloads in one boot, $STAP_LOADS if it is set: nothing in the log, no module, no probe, no memory left.
# Slabs and vmalloc settle after the first rounds; what grows with each load would grow each time after them.
used() { sync; echo 3 > /proc/sys/vm/drop_caches; awk '/^(SUnreclaim|VmallocUsed|Percpu):/ { printf "%s %d ", $1, $2 }' /proc/meminfo; }
i=0
loads=${STAP_LOADS:-30}
while [ $i -lt "$loads" ]; do
	"$STAPRUN" -c true "$KO/t_repeat_mod.ko" > "$W/out" 2> "$W/err" || { echo "round $i: $(cat "$W/err")"; exit 1; }
	grep -q '^seen 1$' "$W/out" || { echo "round $i printed: $(cat "$W/out")"; exit 1; }
	[ $i -ne $((loads / 2)) ] || before=$(used)
	i=$((i + 1))
done
sleep 2
after=$(used)
left=$(cat /sys/kernel/debug/kprobes/list)
[ -z "$left" ] || { echo "kprobes left: $left"; exit 1; }
set -- $before $after
# kB each; a module and its buffers are about 4 MB: one load that is kept would show.
[ $(($8 - $2)) -lt 2048 ] && [ $((${10} - $4)) -lt 1024 ] && [ $((${12} - $6)) -lt 512 ] ||
	{ echo "memory grew: $before -> $after"; exit 1; }
