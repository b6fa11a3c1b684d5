noinst_LIBRARIES += translator/cgen/libcgen.a
translator_cgen_libcgen_a_SOURCES = \
	translator/cgen/body.c \
	translator/cgen/cgen.c \
	translator/cgen/cgen.h \
	translator/cgen/data.c \
	translator/cgen/embed.c \
	translator/cgen/emit.h \
	translator/cgen/expr.c \
	translator/cgen/map.c \
	translator/cgen/stmt.c
