# Writes to a descriptor that is not open, and goes to a directory: written.stp changes both.
my ($text, $dir) = ("abcdef", "/tmp");
syscall(1, 77, $text, 6);
syscall(80, $dir);
syswrite(STDOUT, "done\n");
