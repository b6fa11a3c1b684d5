# Sends and receives over loopback: TCP 127.0.0.1:7001, UDP 127.0.0.1:7002, UDP [::1]:7003; lists of buffers between two
# local sockets.
use strict;
use Socket qw(:all);
system("ip", "link", "set", "lo", "up");
socket(my $server, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
bind($server, pack_sockaddr_in(7001, INADDR_LOOPBACK)) or die "bind: $!";
listen($server, 5) or die "listen: $!";
socket(my $client, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($client, IPPROTO_TCP, TCP_NODELAY, 1) or die "setsockopt: $!";
connect($client, pack_sockaddr_in(7001, INADDR_LOOPBACK)) or die "connect: $!";
accept(my $peer, $server) or die "accept: $!";
syswrite($client, "hello tcp") == 9 or die "write: $!";
sysread($peer, my $got, 100) == 9 or die "read: $!";
close($client);
close($peer);
for my $family (AF_INET, AF_INET6) {
	my $at = $family == AF_INET ? pack_sockaddr_in(7002, INADDR_LOOPBACK) : pack_sockaddr_in6(7003, IN6ADDR_LOOPBACK);
	socket(my $in, $family, SOCK_DGRAM, 0) or die "socket: $!";
	socket(my $out, $family, SOCK_DGRAM, 0) or die "socket: $!";
	bind($in, $at) or die "bind: $!";
	send($out, "udp", 0, $at) == 3 or die "send: $!";
	defined(recv($in, $got, 100, 0)) && $got eq "udp" or die "recv: $!";
}
socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0) or die "socketpair: $!";
my ($one, $two) = ("four", "seven!!");
my $list = pack("PQPQ", $one, 4, $two, 7);
syscall(20, fileno($a), $list, 2) == 11 or die "writev: $!";
syscall(19, fileno($b), $list, 2) == 11 or die "readv: $!";
