noinst_LIBRARIES += translator/base/libbase.a
translator_base_libbase_a_SOURCES = \
	translator/base/arena.c \
	translator/base/buf.c \
	translator/base/diag.c \
	translator/base/strmap.c
