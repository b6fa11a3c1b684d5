# kill -9 of stapio, staprun or both at $STAP_KILLS random moments of their lives: the module is gone or goes with
# staprun -d, and takes its probes with it.
N=${STAP_KILLS:-8}
M=t_moments_mod
i=0
while [ $i -lt $N ]; do
	i=$((i + 1))
	"$STAPRUN" -c "dd if=/dev/zero of=/dev/null bs=1 count=300" "$KO/$M.ko" > "$W/out" 2> "$W/err" &
	pid=$!
	r=$(od -An -N4 -tu4 /dev/urandom)
	sleep "$(awk -v r="$r" 'BEGIN { printf "%.3f", r % 1500 / 1000 }')"
	who=$((r / 1500 % 3))
	[ $who -eq 1 ] || kill -9 $pid 2> /dev/null
	[ $who -eq 0 ] || kill -9 $(pidof stapio) 2> /dev/null
	wait $pid 2> /dev/null
	for t in $(seq 100); do pidof stapio staprun > /dev/null || break; sleep 0.1; done
	! pidof stapio staprun > /dev/null || { echo "moment $i ($who): still running after 10 s"; exit 1; }
	if grep -q "^$M " /proc/modules; then
		# Who was killed may still be at closing its files, which stops the session: it has no name any more, and is in use.
		for t in $(seq 50); do "$STAPRUN" -d $M 2> "$W/d" && break; sleep 0.1; done
		[ ! -s "$W/d" ] || ! grep -q "^$M " /proc/modules || { echo "moment $i ($who): staprun -d: $(cat "$W/d")"; exit 1; }
	fi
	! grep -q "^$M " /proc/modules || { echo "moment $i ($who): loaded"; exit 1; }
	left=$(cat /sys/kernel/debug/kprobes/list /sys/kernel/debug/tracing/enabled_functions)
	[ -z "$left" ] && [ ! -e /sys/kernel/debug/systemtap/$M ] || { echo "moment $i ($who): left: $left"; exit 1; }
done
