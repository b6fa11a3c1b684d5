# A program that handles, sends and ignores signals.
$SIG{USR1} = sub {};
kill "USR1", $$;
kill 0, 1;
$SIG{TERM} = "IGNORE";
