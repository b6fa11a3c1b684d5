noinst_LIBRARIES += translator/opt/libopt.a
translator_opt_libopt_a_SOURCES = translator/opt/dead.c translator/opt/fold.c translator/opt/opt.h
