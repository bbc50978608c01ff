# varlock: mask a BAM, keep the differences under a key, grant slices of them.
#
#   make deps         install the Debian packages this needs (does nothing where all are there)
#   make              build ./varlock, ./libvarlock.a and ./libvarlock.so.0; objects go to build/
#   make demo         deps, build, and the four commands on bundled data
#   make test         deps, build, and every test; the last line is the sum
#   make check-asan   every test again under AddressSanitizer and UBSan, in build/asan
#   make test-workflow   installs Snakemake (30 MB) and runs examples/snakemake
#   make test-cluster    the same through a Slurm of one node, which it installs, starts and stops
#   make fuzz TARGET=fuzz_window [SECONDS=60]   a decoder under clang's fuzzer, in build/fuzz
#   make bench [BENCH_MB=10] [DATA=DIR] [PEER=DIR] [RUNS=5]   commands timed beside samtools' and bcftools'
#   make bench-deep [RUNS=5]   deep data at growing sizes
#   make lint, format, dist, clean
#   make install, uninstall (PREFIX, LIBDIR, INCLUDEDIR, MANDIR, DOCDIR, DESTDIR)

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/varlock
DESTDIR ?=
CC ?= cc
# Fat objects: the static library also links without link-time optimisation.
CFLAGS ?= -O3 -g -flto=auto -ffat-lto-objects
BUILD ?= build
PROGRAM ?= ./varlock
# A default build leaves what it makes at the top.
LIBRARY := $(if $(filter build,$(BUILD)),libvarlock.a,$(BUILD)/libvarlock.a)
# The number changes when programs must be compiled anew (varlock.h says when).
SONAME := libvarlock.so.0
SHARED_LIBRARY := $(dir $(LIBRARY))$(SONAME)
VERSION := $(shell sed -n 's/^\#define VARLOCK_VERSION "\(.*\)"/\1/p' include/varlock/varlock.h)

# Goals that compile nothing themselves must work, and start, without the libraries.
OUTER_GOALS := deps demo test test-workflow test-cluster check-asan bench bench-deep fuzz format dist \
	clean uninstall
ifneq ($(filter-out $(OUTER_GOALS),$(or $(MAKECMDGOALS),all)),)
ifeq ($(shell pkg-config --exists htslib libcrypto libzstd libxxhash check && echo found),)
$(error htslib, libcrypto, libzstd, libxxhash or check not found by pkg-config: run `make deps`)
endif
PKG_CFLAGS := $(shell pkg-config --cflags htslib libcrypto libzstd libxxhash)
PKG_LIBS := $(shell pkg-config --libs htslib libcrypto libzstd libxxhash) -lm
CHECK_CFLAGS := $(shell pkg-config --cflags check)
CHECK_LIBS := $(shell pkg-config --libs check)
endif

WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla
SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
# One set of objects for both libraries; what varlock.h does not mark VL_API is hidden.
LIBRARY_CFLAGS := -fPIC -fvisibility=hidden
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Iinclude -Isrc/core $(WARNINGS) $(PKG_CFLAGS) -pthread \
	$(LIBRARY_CFLAGS) $(CFLAGS)

# Short lines; V=1 shows the commands.
Q := $(if $(V),,@)
say = @echo '  $(1) $(2)'

objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIB_OBJECTS := $(call objects,$(wildcard src/base/*.c src/crypto/*.c formats/*.c src/core/*.c src/core/*/*.c))
CMD_OBJECTS := $(call objects,$(wildcard src/cmd/*.c))
UNIT_OBJECTS := $(call objects,$(wildcard tests/unit/*.c))
TOOL_OBJECTS := $(call objects,$(wildcard tests/tools/*.c))
TOOLS := $(TOOL_OBJECTS:.o=)
FUZZ_OBJECTS := $(call objects,$(wildcard tests/fuzz/fuzz_*.c))
FUZZERS := $(FUZZ_OBJECTS:.o=)
FUZZ_DRIVER := $(BUILD)/tests/fuzz/regression_driver.o
C_FILES := $(wildcard include/varlock/*.h src/*/*.[ch] src/core/*/*.[ch] formats/*.[ch] tests/*/*.[ch] examples/*.c)
MAN_PAGES := $(wildcard man/*.1)

.PHONY: all
all: $(PROGRAM) $(SHARED_LIBRARY)

$(LIBRARY): $(LIB_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(SHARED_LIBRARY): $(LIB_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs -o $@ $^ $(PKG_LIBS)

$(PROGRAM): $(CMD_OBJECTS) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/unit-tests: $(UNIT_OBJECTS) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(PKG_LIBS)

# Plain programs that run the files they are given.
$(FUZZERS): %: %.o $(FUZZ_DRIVER) $(LIBRARY)
$(TOOLS): %: %.o $(LIBRARY)
$(TOOLS) $(FUZZERS):
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The suites are those of tests/unit/test_*.c: a new file needs no registration.
$(UNIT_OBJECTS): ALL_CFLAGS += $(CHECK_CFLAGS) -I$(BUILD)
$(BUILD)/tests/unit/unit_tests.o: $(BUILD)/unit_suites.h
$(BUILD)/unit_suites.h: force
	@mkdir -p $(@D)
	@for f in tests/unit/test_*.c; do f=$${f##*/test_}; echo "SUITE($${f%.c})"; done >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

.PHONY: force
force:

-include $(patsubst %.o,%.d,$(LIB_OBJECTS) $(CMD_OBJECTS) $(UNIT_OBJECTS) $(TOOL_OBJECTS) \
	$(FUZZ_OBJECTS) $(FUZZ_DRIVER))

# ---- one command from a bare machine: packages first, then a make that sees them ----

SUBMAKE = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: deps demo test check-asan
deps:
	@tests/tools/deps.sh

demo: deps
	@$(SUBMAKE) all
	@VARLOCK=$(abspath $(PROGRAM)) tests/tools/demo.sh

test: deps
	@$(SUBMAKE) run-tests

# What these need is too much to install for every test.
.PHONY: test-workflow test-cluster
test-workflow: CASE = snakemake
test-workflow: EXTRA = snakemake
test-cluster: CASE = slurm
test-cluster: EXTRA = snakemake slurm-wlm munge
test-cluster: export WITH_SLURM = 1
test-workflow test-cluster:
	@tests/tools/deps.sh $(EXTRA)
	@$(SUBMAKE) all $(BUILD)/tests/tools/bamdiff
	@VARLOCK=$(abspath $(PROGRAM)) TOOLS=$(abspath $(BUILD)/tests/tools) tests/cli/run.sh $(CASE)

check-asan: deps
	@$(SUBMAKE) BUILD=build/asan PROGRAM=build/asan/varlock CFLAGS='$(SANITIZE)' \
		WITH_LINT= run-tests

# Data is made once and kept in build/bench.
.PHONY: bench bench-deep
RUNS ?= 5
BENCH_MB ?= 10
export RUNS BENCH_MB DATA PEER
bench: BENCH = speed.py
bench-deep: BENCH = deep.py
bench bench-deep: deps
	@$(SUBMAKE) all
	@VARLOCK=$(abspath $(PROGRAM)) python3 tests/bench/$(BENCH)

.PHONY: run-tests lint format
WITH_LINT = lint
run-tests: $(PROGRAM) $(BUILD)/unit-tests $(TOOLS) $(FUZZERS)
	@VARLOCK=$(abspath $(PROGRAM)) UNIT_TESTS=$(BUILD)/unit-tests LIBRARY=$(LIBRARY) \
		TOOLS=$(abspath $(BUILD)/tests/tools) tests/tools/run-tests.sh $(WITH_LINT)

# The same targets with clang's fuzzer in place of the driver; what it finds stays in the corpus.
.PHONY: fuzz run-fuzzer
FUZZ_BUILD = build/fuzz
FUZZ_FLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
TARGET ?= fuzz_window
SECONDS ?= 60
fuzz:
	@command -v clang >/dev/null || { echo 'make fuzz: clang is not installed' >&2; exit 1; }
	@$(SUBMAKE) BUILD=$(FUZZ_BUILD) CC=clang CFLAGS='$(FUZZ_FLAGS)' run-fuzzer

$(BUILD)/libfuzzer/%: $(BUILD)/tests/fuzz/%.o $(LIBRARY)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

run-fuzzer: $(BUILD)/libfuzzer/$(TARGET) $(BUILD)/tests/tools/fuzz_seeds
	@mkdir -p $(BUILD)/corpus
	@$(BUILD)/tests/tools/fuzz_seeds testdata/keys/owner.pem testdata/golden/owner.bdiff \
		testdata/golden/synth.bdiff \
		testdata/golden/pop.vac $(BUILD)/corpus
	@$(BUILD)/libfuzzer/$(TARGET) -max_total_time=$(SECONDS) -print_final_stats=1 \
		-artifact_prefix=$(BUILD)/corpus/ $(BUILD)/corpus/$(TARGET)

lint: $(LIBRARY)
	@LIBRARY=$(LIBRARY) tests/tools/lint.sh

format:
	clang-format -i $(C_FILES)

# ---- installation and release ----

# One object without the hidden names, which are out of the way of the programs that link it.
# Of the fat objects the machine code is taken: what is there for link-time optimisation does
# not survive the change of names.
$(BUILD)/installed/libvarlock.a: $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(CC) -fno-lto -r -nostdlib -o $(@D)/libvarlock.o $^
	objcopy --wildcard --remove-section='.gnu.lto_*' --remove-section='.gnu.debuglto_*' \
		--localize-hidden $(@D)/libvarlock.o
	rm -f $@
	ar rcs $@ $(@D)/libvarlock.o

.PHONY: install uninstall dist clean
HEADERS := $(addprefix include/varlock/,varlock.h hooks.h error.h)
DOCS := README.md NEWS.md LICENSE $(wildcard formats/*.md)
EXAMPLES := $(shell find examples -type f)

# What is not built: installed at DOCDIR under its path here.
installed_docs = $(addprefix $(DESTDIR)$(DOCDIR)/,$(DOCS) $(EXAMPLES))

install: $(PROGRAM) $(SHARED_LIBRARY) $(BUILD)/installed/libvarlock.a
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(LIBDIR)/pkgconfig $(INCLUDEDIR)/varlock $(MANDIR)/man1)
	install -m 755 $(PROGRAM) $(DESTDIR)$(BINDIR)/varlock
	install -m 644 $(BUILD)/installed/libvarlock.a $(SHARED_LIBRARY) $(DESTDIR)$(LIBDIR)/
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libvarlock.so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' varlock.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/varlock.pc
	install -m 644 $(HEADERS) $(DESTDIR)$(INCLUDEDIR)/varlock/
	install -m 644 $(MAN_PAGES) $(DESTDIR)$(MANDIR)/man1/
	for f in $(DOCS) $(EXAMPLES); do \
		install -D -m "$$([ -x $$f ] && echo 755 || echo 644)" $$f $(DESTDIR)$(DOCDIR)/$$f || exit 1; \
	done
	$(if $(DESTDIR),,PATH=$$PATH:/sbin ldconfig || echo "ldconfig failed: programs may not find $(SONAME) yet")

# Folders go where they are empty and ours alone.
uninstall:
	rm -f $(DESTDIR)$(BINDIR)/varlock \
		$(addprefix $(DESTDIR)$(LIBDIR)/,libvarlock.a $(SONAME) libvarlock.so pkgconfig/varlock.pc) \
		$(addprefix $(DESTDIR)$(INCLUDEDIR)/varlock/,$(notdir $(HEADERS))) \
		$(addprefix $(DESTDIR)$(MANDIR)/man1/,$(notdir $(MAN_PAGES))) $(installed_docs)
	for d in $(DESTDIR)$(INCLUDEDIR)/varlock $(DESTDIR)$(DOCDIR); do \
		[ ! -d $$d ] || find $$d -depth -type d -empty -delete; \
	done

dist:
	git archive --prefix=varlock-$(VERSION)/ -o varlock-$(VERSION).tar.gz HEAD

clean:
	rm -rf build varlock libvarlock.a $(SONAME) varlock-*.tar.gz
