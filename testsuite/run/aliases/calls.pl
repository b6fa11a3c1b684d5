# System calls that nd.stp looks for.
pipe(R, W);
syswrite(W, "hello");
rename("/no/a", "/no/b");
