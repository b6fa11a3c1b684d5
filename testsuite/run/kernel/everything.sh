# Every function that can be armed is, while a small tree is built; then none is, and the machine lives.
timeout 600 "$STAPRUN" -c "sh kernel/everything.workload" "$KO/t_everything_mod.ko" > "$W/out" 2> "$W/err"
status=$?
[ $status -eq 0 ] || { echo "status $status: $(head -3 "$W/err")"; exit 1; }
grep -qx built "$W/out" || { echo "the work was not done: $(head -3 "$W/out" "$W/err")"; exit 1; }
hits=$(tail -1 "$W/out")
[ "$hits" -gt 100000 ] || { echo "$hits hits"; exit 1; }
left=$(cat /sys/kernel/debug/kprobes/list /sys/kernel/tracing/enabled_functions | wc -l)
[ "$left" -eq 0 ] || { echo "$left places are still armed"; exit 1; }
grep -vE '^WARNING: Number of errors: 0, skipped probes: [0-9]+$' "$W/err"
[ $? -eq 1 ]
