# The time zone is the machine's, whatever the caller's environment says: here two hours east, in a zone file made by hand.
is() { got=$("$STAPRUN" "$KO/t_zone_mod.ko" 2>&1); [ "$got" = "$1" ] || { echo "$got, not $1"; exit 1; }; }
zone() {	# seconds east of UTC as octal bytes, name
	rm -f /etc/localtime
	printf 'TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\001\0\0\0\004'"$1"'\0\0'"$2"'\0' > /etc/localtime
}
export TZ=ABC5
zone '\0\0\034\040' XYZ
is '-7200 XYZ|Thu Jan  1 00:00:00 1970|Thu Jan  1 02:00:00 1970 XYZ'
zone '\0\0\0\0' UTC
is '0 UTC|Thu Jan  1 00:00:00 1970|Thu Jan  1 00:00:00 1970 UTC'
