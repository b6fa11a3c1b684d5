# Debuginfo of another build: refused with both ids, whether it was the kernel's or a module's.
id=$(od -An -v -tx1 /sys/kernel/notes | tr -d ' \n' | sed -n 's/.*040000001400000003000000474e5500\([0-9a-f]\{40\}\).*/\1/p')
[ ${#id} -eq 40 ] || { echo "the kernel's build-id is not found: $id"; exit 1; }
other=$(echo "$id" | tr 0-9a-f 1-9a-f0)
changed() {	# changed FILE FROM TO: a copy that says TO
	perl -0777 -pe "s/\Q$2\E/$3/g" "$1" > "$W/changed.ko"
	! cmp -s "$1" "$W/changed.ko" || { echo "$1 does not have $2"; exit 1; }
}
changed "$KO/t_lines_mod.ko" "$id" "$other"
timeout 60 "$STAPRUN" "$W/changed.ko" > "$W/out" 2> "$W/err" && { echo "the kernel's debuginfo: accepted"; exit 1; }
grep "build-id $other" "$W/err" | grep -q "has $id" || { echo "the kernel's debuginfo: $(cat "$W/err")"; exit 1; }

[ -d /sys/module/stap_kmod ] || exit 0
id=$(od -An -v -tx1 /sys/module/stap_kmod/notes/.note.gnu.build-id | tr -d ' \n' | tail -c 40)
other=$(echo "$id" | tr 0-9a-f 1-9a-f0)
changed "$KO/../kmod/t_ints.ko" "$id" "$other"
timeout 60 "$STAPRUN" -c true "$W/changed.ko" > "$W/out" 2> "$W/err" && { echo "a module's debuginfo: accepted"; exit 1; }
grep "$other" "$W/err" | grep -q "$id" || { echo "a module's debuginfo: $(cat "$W/err")"; exit 1; }
