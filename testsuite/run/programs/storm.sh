# Four processes hit probes while the module is unloaded 20 times; then while programs start and die.
M=t_storm_mod
S=$PROGRAMS/subject
# unload NAME TIMES SECONDS: so often the module is there for so long, and gone.
unload() {
	i=0
	while [ $i -lt "$2" ]; do
		i=$((i + 1))
		"$STAPRUN" -c "sleep $3" "$KO/$M.ko" > "$W/out" 2> "$W/err" || { echo "$1 $i: $(head -3 "$W/err")"; exit 1; }
		! grep -q "^$M " /proc/modules || { echo "$1 $i: loaded"; exit 1; }
	done
}
"$S" spin 4 &
spin=$!
sleep 1
unload run 20 0.1
pids=$(pgrep -x subject)
[ "$(echo $pids | wc -w)" -eq 4 ] || { echo "the program did not live through it: $pids"; exit 1; }
(while [ ! -e "$W/stop" ]; do nice -n 19 "$S" fork 20; nice -n 19 "$S" threads 8; "$S" exec "$S"; "$S" crash; done > /dev/null 2>&1) &
storm=$!
unload storm 6 0.4
touch "$W/stop"
kill $pids
wait $storm
i=0
while left=$(pgrep -x subject) && [ $i -lt 100 ]; do	# a signal takes its time
	i=$((i + 1))
	sleep 0.1
done
[ -z "$left" ] || { kill $left; echo "left running: $left"; exit 1; }
"$S" && "$S" fork 3
