# What of the core is portable, for its unit test.  (In the kernel it is built from runtime/sources.list.)
check_PROGRAMS += testsuite/unit/test_gate
testsuite_unit_test_gate_SOURCES = testsuite/unit/test_gate.c runtime/core/gate.h
testsuite_unit_test_gate_LDADD = -lpthread
TESTS += testsuite/unit/test_gate
