# A UDP packet of 5 bytes to 127.0.0.1:7001, [::1]:7001, and 127.0.0.1:7002.
use strict;
use Socket qw(:all);
system("ip", "link", "set", "lo", "up");
for my $to (pack_sockaddr_in(7001, INADDR_LOOPBACK), pack_sockaddr_in6(7001, IN6ADDR_LOOPBACK), pack_sockaddr_in(7002, INADDR_LOOPBACK)) {
	socket(my $out, sockaddr_family($to), SOCK_DGRAM, 0) or die "socket: $!";
	send($out, "12345", 0, $to);
}
