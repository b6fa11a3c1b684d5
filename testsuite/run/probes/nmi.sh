# Handlers in NMIs: all other CPUs are asked for a backtrace, which idle ones do not give.
[ "$(nproc)" -gt 1 ] || { echo "one CPU sends itself no NMI"; exit 77; }
for i in $(seq "$(nproc)"); do
	while :; do :; done & busy="$busy $!"
done
trap 'kill $busy' EXIT
"$STAPRUN" -c 'sleep 0.2; echo l > /proc/sysrq-trigger; sleep 0.2' "$KO/t_nmi_mod.ko" > "$W/out" 2> "$W/err"
dmesg -C		# the backtraces asked for are no trouble
[ -s "$W/err" ] && { cat "$W/err"; exit 1; }
[ "$(cat "$W/out")" -ge 1 ] || { echo "no hit in an NMI: $(cat "$W/out")"; exit 1; }
