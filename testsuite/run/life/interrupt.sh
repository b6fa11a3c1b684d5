# Ctrl-C runs the end probes and unloads; so do SIGTERM and the death of the terminal.
for sig in INT TERM HUP; do
	"$STAPRUN" "$KO/t_interrupt_mod.ko" > "$W/out" 2> "$W/err" &
	pid=$!
	for i in $(seq 100); do grep -q begin "$W/out" && break; sleep 0.1; done
	kill -$sig $pid
	wait $pid
	status=$?
	[ $status -eq 0 ] || { echo "SIG$sig: exit status $status: $(cat "$W/err")"; exit 1; }
	grep -q '^end$' "$W/out" || { echo "SIG$sig: the end probe did not print: $(cat "$W/out")"; exit 1; }
	! grep -q '^t_interrupt' /proc/modules || { echo "SIG$sig: still loaded"; exit 1; }
done
