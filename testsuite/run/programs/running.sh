# Processes that run before the session starts.
M=t_running_mod
S=$PROGRAMS/subject
"$S" spin 3 &
sleep 1
timeout 60 "$STAPRUN" -c "sleep 1" "$KO/$M.ko" > "$W/out" 2> "$W/err" || { echo "$(head -2 "$W/err")"; exit 1; }
kill $(pgrep -x subject)
wait
[ "$(cat "$W/out")" = "begun 3, ended 0, threads 0, hits 1" ] || { echo "printed $(head -2 "$W/out")"; exit 1; }
