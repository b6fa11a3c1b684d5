bin_SCRIPTS = prep/stap-prep
EXTRA_DIST += prep/stap-prep
