# Output that cannot be written: reported, and the module is unloaded.
mkdir -p "$W/full"
mount -t tmpfs -o size=64k tmpfs "$W/full"
timeout 60 "$STAPRUN" -o "$W/full/out" "$KO/t_full_mod.ko" > "$W/out" 2> "$W/err"
status=$?
umount "$W/full"
[ $status -ne 0 ] && [ $status -ne 124 ] || { echo "full disk: exit status $status"; exit 1; }
grep -q 'No space left' "$W/err" || { echo "full disk: $(head -2 "$W/err")"; exit 1; }
timeout 60 "$STAPRUN" "$KO/t_full_mod.ko" 2> "$W/err" | head -3 > "$W/out"
for i in $(seq 50); do grep -q '^t_full' /proc/modules || break; sleep 0.1; done
! grep -q '^t_full' /proc/modules || { echo "closed pipe: still loaded"; exit 1; }
