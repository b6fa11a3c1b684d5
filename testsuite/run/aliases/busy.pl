# A program that works for a while and sleeps for a second.
for (1 .. 300000) { $x += $_ }
sleep 1;
