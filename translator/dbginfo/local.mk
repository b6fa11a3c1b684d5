noinst_LIBRARIES += translator/dbginfo/libdbginfo.a
translator_dbginfo_libdbginfo_a_SOURCES = \
	translator/dbginfo/abi.c \
	translator/dbginfo/btf.c \
	translator/dbginfo/btf_object.c \
	translator/dbginfo/btf_query.c \
	translator/dbginfo/btf_type.c \
	translator/dbginfo/debuginfod.c \
	translator/dbginfo/call.c \
	translator/dbginfo/die.c \
	translator/dbginfo/enumerator.c \
	translator/dbginfo/expression.c \
	translator/dbginfo/file.c \
	translator/dbginfo/find.c \
	translator/dbginfo/function.c \
	translator/dbginfo/image.c \
	translator/dbginfo/index.c \
	translator/dbginfo/kallsyms.c \
	translator/dbginfo/library.c \
	translator/dbginfo/lifetime.c \
	translator/dbginfo/line.c translator/dbginfo/rows.c translator/dbginfo/linemap.c \
	translator/dbginfo/location.c \
	translator/dbginfo/mark.c \
	translator/dbginfo/modules.c \
	translator/dbginfo/object.c \
	translator/dbginfo/places.c \
	translator/dbginfo/order.c \
	translator/dbginfo/probeable.c \
	translator/dbginfo/program.c \
	translator/dbginfo/store.c \
	translator/dbginfo/symbol.c \
	translator/dbginfo/syscall.c \
	translator/dbginfo/tracemods.c \
	translator/dbginfo/tracepoint.c \
	translator/dbginfo/type.c \
	translator/dbginfo/unpack.c \
	translator/dbginfo/variable.c \
	translator/dbginfo/walk.c

# Asked by testsuite/dwarf/stage.sh, and by people.
EXTRA_PROGRAMS = testsuite/unit/dbgquery
testsuite_unit_dbgquery_SOURCES = testsuite/unit/dbgquery.c runtime/data/linemap.c
testsuite_unit_dbgquery_LDADD = translator/dbginfo/libdbginfo.a translator/program/libprogram.a \
	translator/base/libbase.a $(DW_LIBS)

check_PROGRAMS += testsuite/unit/test_dbginfo
testsuite_unit_test_dbginfo_SOURCES = testsuite/unit/test_dbginfo.c
testsuite_unit_test_dbginfo_LDADD = translator/dbginfo/libdbginfo.a translator/program/libprogram.a \
	translator/base/libbase.a $(DW_LIBS)
TESTS += testsuite/unit/test_dbginfo

check_PROGRAMS += testsuite/unit/test_btf
testsuite_unit_test_btf_SOURCES = testsuite/unit/test_btf.c
testsuite_unit_test_btf_LDADD = translator/dbginfo/libdbginfo.a translator/program/libprogram.a \
	translator/base/libbase.a $(DW_LIBS)
TESTS += testsuite/unit/test_btf

check_PROGRAMS += testsuite/unit/test_index
testsuite_unit_test_index_SOURCES = testsuite/unit/test_index.c
testsuite_unit_test_index_LDADD = translator/dbginfo/libdbginfo.a translator/program/libprogram.a \
	translator/base/libbase.a $(DW_LIBS)
TESTS += testsuite/unit/test_index
