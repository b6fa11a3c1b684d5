# The table of who may do what, as those users, with a set-uid staprun; and what its processes keep.
#@ only: 6.12
M=t_privilege_mod
DIR=/lib/modules/$KVER/systemtap
LIBEXEC=$(strings "$STAPRUN" | sed -n 's,^\(/.*\)/stapio$,\1,p' | head -1)
fail() { echo "$*"; exit 1; }
for g in stapusr stapsys stapdev; do groupadd -f $g; done
for u in none:users usr:stapusr dev:stapdev sys:stapusr,stapsys both:stapusr,stapdev; do
	id t_${u%%:*} > /dev/null 2>&1 || useradd -G ${u#*:} t_${u%%:*} || fail "useradd $u"
done
mkdir -p "$LIBEXEC" $DIR /tmp/anywhere
cp "$BUILD/stapio/stapio" "$LIBEXEC/stapio"
install -o root -g stapusr -m 4755 "$STAPRUN" /tmp/staprun
cp "$KO/$M.ko" $DIR/$M.ko
cp "$KO/$M.ko" /tmp/anywhere/$M.ko
chmod 755 $DIR /tmp/anywhere; chmod 644 $DIR/$M.ko /tmp/anywhere/$M.ko

as() { user=t_$1; shift; (cd / && setpriv --reuid=$user --regid=$user --init-groups "$@") > "$W/out" 2> "$W/err"; }
may() {
	as "$@" && grep -q "^ran" "$W/out" || fail "$*: $(cat "$W/out" "$W/err")"
	grep -q "^as $(id -u t_$1) 0000000000000000$" "$W/out" || fail "$*: $(cat "$W/out")"
	unloaded "$*"
}
maynot() { re=$1; shift; as "$@" && fail "$*: allowed"; grep -qE -- "$re" "$W/err" || fail "$*: $(cat "$W/err")"; unloaded "$*"; }
unloaded() { ! grep -q "^$M" /proc/modules || fail "$1: left loaded"; }

S=/tmp/staprun ANY=/tmp/anywhere/$M.ko
for u in none dev; do maynot 'group "stapusr"' $u $S $M; done
maynot 'group "stapusr"' both "$STAPRUN" $M	# one that is not set-uid
for u in usr sys; do may $u $S $M.ko; done
may both $S $ANY
may both $S $ANY n=7; grep -qx "ran 7" "$W/out" || fail "n=7: $(cat "$W/out")"
may both $S -b 2 -R $ANY
for u in usr sys; do
	for what in "$ANY" "../systemtap/$M" "$DIR/$M.ko"; do maynot 'cannot open module' $u $S "$what"; done
	maynot 'set variables' $u $S $M n=7
	maynot 'size of kernel buffers' $u $S -b 2 $M
	maynot 'attach to' $u $S -L $M
	maynot 'attach to' $u $S -d $M
	maynot 'attach to' $u $S -A $M
done
# A file or folder that others could have written.
chown t_usr $DIR/$M.ko; maynot 'cannot open module' usr $S $M; chown root $DIR/$M.ko
chmod 666 $DIR/$M.ko; maynot 'cannot open module' usr $S $M; chmod 644 $DIR/$M.ko
chmod 777 $DIR; maynot 'cannot open module' usr $S $M; chmod 755 $DIR
ln -s /tmp/anywhere/$M.ko $DIR/link.ko; maynot 'cannot open module' usr $S link
# What the user may not read, staprun does not read for them.
chmod 600 /tmp/anywhere/$M.ko; maynot 'Permission denied' both $S $ANY; chmod 644 /tmp/anywhere/$M.ko
# Descriptors that are closed, an environment made up, a folder that is gone.
as usr sh -c "exec $S $M 0<&- 2>&-" || fail "closed descriptors: $?"
grep -q "^ran 1" "$W/out" || fail "closed descriptors: $(cat "$W/out")"
as usr env LD_PRELOAD=/tmp/none.so PATH=/nowhere SYSTEMTAP_VERBOSE=99999 IFS=x $S $M && grep -q "^ran 1" "$W/out" ||
	fail "a made up environment: $(cat "$W/out" "$W/err")"
unloaded "a made up environment"
as usr sh -c "mkdir /tmp/gone && cd /tmp/gone && rmdir /tmp/gone && exec $S $M" || fail "no folder: $(cat "$W/err")"
# While it runs: stapio is the user in all respects, staprun can no more than unload.
as usr $S -c "sh -c 'sleep 1; cat /proc/\$PPID/status; echo; cat /proc/\$(pidof staprun)/status'" $M &
wait $!
set -- $(sed -n 's/^CapEff:\t//p' "$W/out")
[ "$1" = 0000000000000000 ] || fail "stapio has capabilities $1"
[ "$2" = 0000000000010000 ] || fail "staprun has capabilities $2"
uid=$(id -u t_usr)
[ "$(sed -n 's/^Uid:\t//p' "$W/out" | head -1)" = "$uid	$uid	$uid	$uid" ] || fail "stapio: $(grep Uid "$W/out")"
unloaded end
