# A program that asks for memory, and shares it with a child for a while.
$x = "a" x 30000000;
$pid = fork;
exit 0 if !$pid;
waitpid($pid, 0);
