# What a kernel does for programs besides starting them: files, pipes, sockets, memory, signals.
use strict;
use Socket qw(:all);
my $dir = shift;
for my $n (1 .. 30) {
	open(my $f, ">", "$dir/file$n") or die "open: $!";
	print $f "line $_\n" for 1 .. 100;
	close($f);
	rename("$dir/file$n", "$dir/kept$n") or die "rename: $!";
}
mkdir("$dir/sub") && symlink("kept1", "$dir/link") && link("$dir/kept2", "$dir/hard") or die "links: $!";
-s "$dir/kept$_" == 792 or die "kept$_ is wrong" for 1 .. 30;
unlink(glob("$dir/kept*")) == 30 or die "unlink: $!";
for (1 .. 5) {
	my ($r, $w);
	pipe($r, $w) or die "pipe: $!";
	my $pid = fork() // die "fork: $!";
	if (!$pid) { syswrite($w, "x" x 5000); exit(3) }
	close($w);
	my $got = "";
	1 while sysread($r, $got, 1000, length($got));
	waitpid($pid, 0);
	length($got) == 5000 && $? >> 8 == 3 or die "pipe: ", length($got), " bytes, status $?";
}
system("ip", "link", "set", "lo", "up");
for my $type (SOCK_STREAM, SOCK_DGRAM) {
	my ($server, $client);
	socket($server, AF_INET, $type, 0) && bind($server, pack_sockaddr_in(0, INADDR_LOOPBACK)) or die "server: $!";
	listen($server, 5) if $type == SOCK_STREAM;
	socket($client, AF_INET, $type, 0) && connect($client, getsockname($server)) or die "connect: $!";
	my $peer = $server;
	accept($peer = undef, $server) or die "accept: $!" if $type == SOCK_STREAM;
	for (1 .. 20) {
		syswrite($client, "packet $_") or die "send: $!";
		sysread($peer, my $got, 100) or die "receive: $!";
		$got eq "packet $_" or die "received $got";
	}
}
my ($one, $other, $got);
socketpair($one, $other, AF_UNIX, SOCK_STREAM, 0) && syswrite($one, "unix") && sysread($other, $got, 10) or die "unix: $!";
my @memory = map { "m" x (1 << 20) } 1 .. 8;
my $caught = 0;
$SIG{USR1} = sub { $caught++ };
kill("USR1", $$) for 1 .. 10;
select(undef, undef, undef, 0.1);
$caught or die "no signal";
