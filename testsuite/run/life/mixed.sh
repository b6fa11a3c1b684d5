# Scheduler, system calls, page faults, reads and timers traced at once under load, loaded anew every $STAP_EVERY seconds for
# $STAP_SECONDS: each load saw something of everything, and no memory stays.
used() { sync; echo 3 > /proc/sys/vm/drop_caches; awk '/^(SUnreclaim|VmallocUsed|Percpu):/ { printf "%s %d ", $1, $2 }' /proc/meminfo; }
seconds=${STAP_SECONDS:-12} every=${STAP_EVERY:-3}
load() {
	while :; do
		find /usr/share/doc -name "copyright" > "$W/files" 2> /dev/null
		head -200 "$W/files" | xargs cat | sort -u | gzip -c > "$W/packed"
		dd if=/dev/zero of=/dev/null bs=1 count=2000 2> /dev/null
		for i in 1 2 3 4 5; do /bin/true; done
	done
}
load & one=$!
load & two=$!
end=$(($(date +%s) + seconds)) loads=0
while [ "$(date +%s)" -lt "$end" ]; do
	"$STAPRUN" -c "sleep $every" "$KO/t_mixed_mod.ko" > "$W/out" 2> "$W/err" || { cat "$W/err"; break; }
	for what in switches latencies faults ticks; do
		grep -q "^$what [1-9]" "$W/out" || { echo "load $loads: no $what: $(tail -40 "$W/out")"; break 2; }
	done
	grep -v "^WARNING: Number of errors: 0, skipped probes: [0-9]*$" "$W/err" && break
	loads=$((loads + 1))
	[ $loads -ne 2 ] || before=$(used)
done
done=$(($(date +%s) >= end))
kill $one $two
wait 2> /dev/null
[ $done = 1 ] || exit 1
echo "$loads loads, the last: $(sed -n 's/^switches/& /p; s/^latencies/& /p; s/^faults/& /p' "$W/out" | tr '\n' ' ')"
[ $loads -gt 3 ] || exit 0
after=$(used)
set -- $before $after
# kB each.  What the load itself leaves in slabs is some hundred; one load that is kept would be more than 4 MB.
[ $(($8 - $2)) -lt 3072 ] && [ $((${10} - $4)) -lt 2048 ] && [ $((${12} - $6)) -lt 512 ] ||
	{ echo "memory grew: $before -> $after"; exit 1; }
