# One module runs several times at once with -R, and each run sees its own end.
for i in 1 2 3; do
	"$STAPRUN" -R -c "sleep 1" "$KO/t_interrupt_mod.ko" > "$W/out$i" 2>&1 &
	pids="$pids $!"
done
for p in $pids; do wait $p || { echo "a run failed: $(cat "$W"/out*)"; exit 1; }; done
for i in 1 2 3; do
	[ "$(tr '\n' ' ' < "$W/out$i")" = "begin end " ] || { echo "run $i printed: $(cat "$W/out$i")"; exit 1; }
done
