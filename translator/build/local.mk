noinst_LIBRARIES += translator/build/libbuild.a
translator_build_libbuild_a_SOURCES = \
	translator/build/build.c \
	translator/build/elf.c translator/build/header.c \
	translator/build/kbuild.c \
	translator/build/recipe.c \
	translator/build/replay.c \
	translator/build/sign.c

# Asked by testsuite/rt/rt.sh.
EXTRA_PROGRAMS += testsuite/rt/unit_build
testsuite_rt_unit_build_SOURCES = testsuite/rt/unit_build.c
testsuite_rt_unit_build_LDADD = translator/build/libbuild.a translator/cache/libcache.a \
	translator/session/libsession.a translator/base/libbase.a $(SQLITE_LIBS)
