# The file that a script was translated for is not there, or is another one now: an error, and nothing is armed.
M=t_changed_mod
S=$PROGRAMS/subject
cp "$S" "$W/kept"
cp "$PROGRAMS/subject0" "$W/other"
mount --bind "$W/other" "$S" || exit 1
"$STAPRUN" "$KO/$M.ko" > "$W/out" 2> "$W/err" && { echo "another file was taken"; exit 1; }
grep -q 'is not the file that the script was translated for' "$W/err" || { echo "another file: $(head -2 "$W/err")"; exit 1; }
umount "$S"
timeout 60 "$STAPRUN" -c "$S" "$KO/$M.ko" > "$W/out" 2> "$W/err" || { echo "the right file: $(head -2 "$W/err")"; exit 1; }
[ "$(cat "$W/out")" = hit ] || { echo "printed $(head -2 "$W/out")"; exit 1; }
