# The file is on an overlay, which copies it while it is probed: the probe comes off the file that it was put on.
M=t_changed_mod
S=$PROGRAMS/subject
"$STAPRUN" -c "touch $S" "$KO/$M.ko" > "$W/out" 2> "$W/err" || { echo "$(head -2 "$W/err")"; exit 1; }
"$STAPRUN" -c "$S" "$KO/$M.ko" > "$W/out" 2> "$W/err" || { echo "again: $(head -2 "$W/err")"; exit 1; }
[ "$(cat "$W/out")" = hit ] || { echo "printed $(head -2 "$W/out")"; exit 1; }
