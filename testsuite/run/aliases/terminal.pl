# A line each way through a pseudo terminal, in raw mode by TIOCSPTLCK, TIOCGPTN, TCGETS and TCSETS; then TIOCSWINSZ.
use strict;
my ($n, $z, $t) = (pack("i", 0), pack("i", 0), "\0" x 64);
open(my $master, "+<", "/dev/ptmx") or die "ptmx: $!";
ioctl($master, 0x40045431, $z);
ioctl($master, 0x80045430, $n);
open(my $slave, "+<", "/dev/pts/" . unpack("i", $n)) or die "pts: $!";
ioctl($slave, 0x5401, $t);
substr($t, 0, 16) = pack("IIII", 0, 0, 0xbf, 0);
ioctl($slave, 0x5402, $t);
syswrite($slave, "hello tty\n");
sysread($master, my $got, 50);
syswrite($master, "typed\n");
do {	# a worker of the kernel receives it: FIONREAD tells when that is done
	select(undef, undef, undef, 0.01);
	ioctl($slave, 0x541b, $z) or die "FIONREAD: $!";
} until unpack("i", $z) == 6;
sysread($slave, $got, 60);
my $size = pack("SSSS", 24, 80, 0, 0);
ioctl($master, 0x5414, $size);
