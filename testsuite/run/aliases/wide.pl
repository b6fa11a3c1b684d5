# Reads 16 bytes, then writes wide strings: UTF-16, UTF-32, and UTF-16 with half a pair.
open(F, "/etc/passwd");
sysread(F, $x, 16);
syswrite(STDERR, pack("v*", 0x48, 0xe9, 0x20ac, 0xd83d, 0xde00, 0));
syswrite(STDERR, pack("V*", 0x1f600, 0x41, 0));
syswrite(STDERR, pack("v*", 0xd800, 0x41, 0));
