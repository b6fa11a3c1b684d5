noinst_LIBRARIES += translator/dbginfo/libdbginfo.a
translator_dbginfo_libdbginfo_a_SOURCES = \
	translator/dbginfo/die.c \
	translator/dbginfo/file.c \
	translator/dbginfo/function.c \
	translator/dbginfo/index.c \
	translator/dbginfo/line.c \
	translator/dbginfo/location.c \
	translator/dbginfo/modules.c \
	translator/dbginfo/object.c \
	translator/dbginfo/probeable.c \
	translator/dbginfo/store.c \
	translator/dbginfo/symbol.c \
	translator/dbginfo/tracepoint.c \
	translator/dbginfo/type.c \
	translator/dbginfo/variable.c
