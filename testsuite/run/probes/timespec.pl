# clock_gettime(CLOCK_REALTIME) as a system call: the C library's does not enter the kernel.
my $ts = "\0" x 16;
syscall(228, 0, $ts) for 1 .. 5;
