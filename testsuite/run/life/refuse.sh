# What staprun refuses: no module, not a module, another kernel's module, one that is loaded, no privilege.
expect() {	# expect REGEX COMMAND...
	re=$1
	shift
	"$@" > "$W/out" 2> "$W/err" && { echo "$*: succeeded"; exit 1; }
	grep -qE -- "$re" "$W/err" || { echo "$*: stderr lacks /$re/: $(head -3 "$W/err")"; exit 1; }
}
expect 'No such file' "$STAPRUN" "$W/none.ko"
echo garbage > "$W/garbage.ko"
expect 'ERROR: ' "$STAPRUN" "$W/garbage.ko"
head -c 20000 "$KO/t_interrupt_mod.ko" > "$W/cut.ko"
expect 'ERROR: ' "$STAPRUN" "$W/cut.ko"
other=$(ls -d "$BUILD"/run-*/life | grep -v "$KVER" | head -1)
[ ! -f "$other/t_interrupt_mod.ko" ] || expect "was built for kernel .*, this is $(echo "$KVER" | sed "s,[.+],.,g")" "$STAPRUN" "$other/t_interrupt_mod.ko"
"$STAPRUN" "$KO/t_interrupt_mod.ko" > "$W/first" 2>&1 &
pid=$!
for i in $(seq 100); do grep -q begin "$W/first" && break; sleep 0.1; done
expect 'ERROR: ' "$STAPRUN" "$KO/t_interrupt_mod.ko"
kill -INT $pid
wait $pid || { echo "the first run: $(cat "$W/first")"; exit 1; }
command -v setpriv > /dev/null && expect 'stapusr|root' setpriv --reuid=65534 --regid=65534 --clear-groups "$STAPRUN" "$KO/t_interrupt_mod.ko"
exit 0
