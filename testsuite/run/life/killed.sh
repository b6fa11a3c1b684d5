# kill -9 of stapio or staprun: the module stops, and staprun -d removes what is left.
for who in stapio staprun; do
	"$STAPRUN" "$KO/t_interrupt_mod.ko" > "$W/out" 2> "$W/err" &
	pid=$!
	for i in $(seq 100); do grep -q begin "$W/out" && break; sleep 0.1; done
	if [ $who = stapio ]; then kill -9 "$(pidof stapio)"; else kill -9 $pid; fi
	wait $pid 2>/dev/null
	for i in $(seq 30); do pidof stapio > /dev/null || break; sleep 0.1; done
	if grep -q '^t_interrupt' /proc/modules; then
		"$STAPRUN" -d t_interrupt_mod > "$W/d" 2>&1 || { echo "$who killed: staprun -d: $(cat "$W/d")"; exit 1; }
	fi
	! grep -q '^t_interrupt' /proc/modules || { echo "$who killed: still loaded"; exit 1; }
done
