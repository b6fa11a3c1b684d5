# A module made with --privilege=stapusr sees the programs of the user who runs it, and of others nothing.
M=t_own_mod
DIR=/lib/modules/$KVER/systemtap
S=$PROGRAMS/subject
LIBEXEC=$(strings "$STAPRUN" | sed -n 's,^\(/.*\)/stapio$,\1,p' | head -1)
fail() { echo "$*: $(head -5 "$W/out" "$W/err" 2> /dev/null)"; exit 1; }
groupadd -f stapusr
id t_own > /dev/null 2>&1 || useradd -G stapusr t_own || fail useradd
mkdir -p "$LIBEXEC" $DIR
cp "$BUILD/stapio/stapio" "$LIBEXEC/stapio"
install -o root -g stapusr -m 4755 "$STAPRUN" /tmp/staprun
install -m 644 "$KO/$M.ko" $DIR/$M.ko
install -o root -m 4755 /bin/true /tmp/of-root
as() { (cd / && setpriv --reuid=$1 --regid=t_own --init-groups sh -c "$2") > "$W/out" 2> "$W/err"; }

SECRET=1 "$S" spin 2 > /dev/null 2>&1 &
trap 'kill $(pgrep -x subject)' EXIT
as t_own "timeout 60 /tmp/staprun -c \"sh -c '$S; /tmp/of-root; sleep 1'\" $M" || fail "as a user"
uid=$(id -u t_own)
printf '%s\n' "ready $uid" "begin $uid" "look a word 11 1" "ticks 1 foreign 0" > "$W/expected"
diff "$W/expected" "$W/out" > "$W/diff" || fail "a user's: $(cat "$W/diff")"
rm -f $DIR/$M.ko /tmp/staprun /tmp/of-root
