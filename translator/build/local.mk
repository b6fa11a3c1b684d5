noinst_LIBRARIES += translator/build/libbuild.a
translator_build_libbuild_a_SOURCES = \
	translator/build/build.c \
	translator/build/elf.c translator/build/header.c \
	translator/build/kbuild.c \
	translator/build/recipe.c \
	translator/build/replay.c
