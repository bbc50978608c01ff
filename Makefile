# varlock: mask a BAM, keep the differences under a key, grant slices of them.
#
# `make help` lists the goals: what stands behind `##` in this file.  Objects go to build/.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/varlock
DESTDIR ?=
CC ?= cc
AR ?= ar
OBJCOPY ?= objcopy
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O3 -g $(LTO)
BUILD ?= build
PROGRAM ?= ./varlock
# A default build leaves what it makes at the top.
LIBRARY := $(if $(filter build,$(BUILD)),libvarlock.a,$(BUILD)/libvarlock.a)
# The number changes when programs must be compiled anew (varlock.h says when).
SONAME := libvarlock.so.0
SHARED_LIBRARY := $(dir $(LIBRARY))$(SONAME)
VERSION := $(shell sed -n 's/^\#define VARLOCK_VERSION "\(.*\)"/\1/p' include/varlock/varlock.h)

# Goals that compile nothing themselves must work, and start, without the libraries.
OUTER_GOALS := help deps deps-test deps-dev demo test test-one test-long test-workflow test-cluster interop igv check-asan \
	bench bench-deep fuzz format dist clean uninstall
ifneq ($(filter-out $(OUTER_GOALS),$(or $(MAKECMDGOALS),all)),)
ifeq ($(shell $(PKG_CONFIG) --exists htslib libcrypto libzstd libxxhash jansson libcurl libmicrohttpd && echo found),)
$(error htslib, libcrypto, libzstd, libxxhash, jansson, libcurl or libmicrohttpd not found by $(PKG_CONFIG): run `make deps`)
endif
# Botan alone has bcrypt, which OpenSSH and older Crypt4GH keys are encrypted with.
BOTAN := $(shell $(PKG_CONFIG) --exists botan-2 && echo botan-2)
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags htslib libcrypto libzstd libxxhash jansson $(BOTAN)) $(if $(BOTAN),-DHAVE_BOTAN)
PKG_LIBS := $(shell $(PKG_CONFIG) --libs htslib libcrypto libzstd libxxhash jansson $(BOTAN)) -lm
# What talks to servers is no part of the libraries.
NET_CFLAGS := $(shell $(PKG_CONFIG) --cflags libcurl libmicrohttpd)
NET_LIBS := $(shell $(PKG_CONFIG) --libs libcurl libmicrohttpd)
$(shell mkdir -p $(BUILD) && { echo '$(BOTAN)' | cmp -s - $(BUILD)/botan.found || echo '$(BOTAN)' >$(BUILD)/botan.found; })
IS_CLANG := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
endif
# Only the unit tests need Check.
CHECK_CFLAGS = $(shell $(PKG_CONFIG) --cflags check)
CHECK_LIBS = $(shell $(PKG_CONFIG) --libs check)

# Fat objects: the static library also links without link-time optimisation.  gcc names their
# sections at random unless it is given a seed, and leaves it to the assembler to name the directory.
LTO = $(if $(IS_CLANG),,-flto=auto -ffat-lto-objects -frandom-seed=$@ -Wa,--debug-prefix-map,$(CURDIR)=.)
# A program that meets files of others: checks of the stack and of buffers, any address, no table
# of functions that can be written.  Buffers are checked by optimised code only, and the
# sanitizers check them themselves.
OPTIMISED = $(and $(filter-out -O0,$(lastword $(filter -O%,$(CFLAGS)))),\
	$(if $(findstring -fsanitize=,$(CFLAGS)),,yes))
HARDEN_CFLAGS ?= -fstack-protector-strong \
	$(if $(OPTIMISED),$(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
HARDEN_LDFLAGS ?= -Wl,-z,relro,-z,now

WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla
SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
# One set of objects for both libraries; what varlock.h does not mark VL_API is hidden.
LIBRARY_CFLAGS := -fPIC -fvisibility=hidden
# The tree's place is not in what is installed, so that two builds are equal.
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Iinclude -Isrc/core $(WARNINGS) $(PKG_CFLAGS) -pthread \
	-ffile-prefix-map=$(CURDIR)=. $(LIBRARY_CFLAGS) $(HARDEN_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(ALL_CFLAGS) -pie $(HARDEN_LDFLAGS) $(LDFLAGS)
# What only tests is linked of machine code where the objects have that: sooner done, and without the
# warnings of what the whole of a test inlines.
LINK_TEST = $(LINK) $(if $(findstring -ffat-lto-objects,$(CFLAGS)),-fno-lto)

# Short lines; V=1 shows the commands.
Q := $(if $(V),,@)
say = @echo '  $(1) $(2)'

objects = $(patsubst %.c,$(BUILD)/%.o,$(sort $(1)))
LIB_OBJECTS := $(call objects,$(wildcard src/base/*.c src/crypto/*.c formats/*.c src/core/*.c src/core/*/*.c))
PAGE_FILES := index.html page.css page.js
NET_OBJECTS := $(call objects,$(wildcard src/net/*.c)) $(BUILD)/src/net/page_files.o
AUDIT_OBJECTS := $(call objects,$(wildcard src/audit/*.c))
CMD_OBJECTS := $(call objects,$(wildcard src/cmd/*.c))
UNIT_OBJECTS := $(call objects,$(wildcard tests/unit/*.c))
# Those named *_shim.c are loaded before a program's own libraries.
SHIM_SOURCES := $(wildcard tests/tools/*_shim.c)
SHIMS := $(SHIM_SOURCES:%.c=$(BUILD)/%.so)
TOOL_OBJECTS := $(call objects,$(filter-out $(SHIM_SOURCES),$(wildcard tests/tools/*.c)))
TOOLS := $(TOOL_OBJECTS:.o=)
FUZZ_OBJECTS := $(call objects,$(wildcard tests/fuzz/fuzz_*.c))
FUZZERS := $(FUZZ_OBJECTS:.o=)
FUZZ_DRIVER := $(BUILD)/tests/fuzz/regression_driver.o
C_FILES := $(wildcard include/varlock/*.h src/*/*.[ch] src/core/*/*.[ch] formats/*.[ch] tests/*/*.[ch] examples/*.c)
MAN_PAGES := $(sort $(wildcard man/*.1))

.PHONY: all
all: $(PROGRAM) $(SHARED_LIBRARY) ## build ./varlock and both libraries

$(LIBRARY): $(LIB_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcsD $@ $^

$(SHARED_LIBRARY): $(LIB_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(HARDEN_LDFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs -o $@ $^ $(PKG_LIBS)

$(PROGRAM): $(CMD_OBJECTS) $(NET_OBJECTS) $(AUDIT_OBJECTS) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(PKG_LIBS) $(NET_LIBS)

$(NET_OBJECTS): ALL_CFLAGS += $(NET_CFLAGS)

$(BUILD)/unit-tests: $(UNIT_OBJECTS) $(NET_OBJECTS) $(AUDIT_OBJECTS) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(LINK_TEST) -o $@ $^ $(CHECK_LIBS) $(PKG_LIBS) $(NET_LIBS)

# What talks to servers, for the targets that read what servers send.
NET_FUZZERS := $(foreach f,fuzz_reads_question fuzz_request fuzz_ticket fuzz_token,$(BUILD)/tests/fuzz/$(f) $(BUILD)/libfuzzer/$(f))
$(NET_FUZZERS): $(NET_OBJECTS)
$(NET_FUZZERS): PKG_LIBS += $(NET_LIBS)

# Plain programs that run the files they are given.
$(FUZZERS): %: %.o $(FUZZ_DRIVER) $(LIBRARY)
$(TOOLS): %: %.o $(LIBRARY)
$(TOOLS) $(FUZZERS):
	$(call say,LD,$@)
	$(Q)$(LINK_TEST) -o $@ $(filter %.o,$^) $(LIBRARY) $(PKG_LIBS)

$(SHIMS): $(BUILD)/%.so: %.c Makefile
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -O1 -g $(WARNINGS) -shared -fPIC -o $@ $< -ldl

# The page as arrays: index.html is page_index_html.
$(BUILD)/src/net/page_files.c: $(addprefix src/net/page/,$(PAGE_FILES)) Makefile
	@mkdir -p $(@D)
	$(Q){ echo '#include "page_files.h"'; for f in $(PAGE_FILES); do \
		name=page_$$(echo $$f | tr . _); \
		echo "const unsigned char $$name[] = {"; od -An -v -tu1 src/net/page/$$f | sed 's/\([0-9]\)\>/\1,/g'; \
		echo "};"; echo "const size_t $${name}_bytes = sizeof $$name;"; done; } >$@

$(BUILD)/src/net/page_files.o: $(BUILD)/src/net/page_files.c
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -Isrc/net -c -o $@ $<

# The flags stand in the Makefile.
$(BUILD)/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The suites are those of tests/unit/test_*.c: a new file needs no registration.
$(UNIT_OBJECTS): ALL_CFLAGS += $(CHECK_CFLAGS) -I$(BUILD)
$(UNIT_OBJECTS): | check-is-there
$(BUILD)/tests/unit/unit_tests.o: $(BUILD)/unit_suites.h
$(BUILD)/unit_suites.h: force
	@mkdir -p $(@D)
	@for f in tests/unit/test_*.c; do f=$${f##*/test_}; echo "SUITE($${f%.c})"; done >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# What Botan adds is compiled anew when Botan comes or goes.
$(BUILD)/src/crypto/passphrase_kdf.o $(UNIT_OBJECTS): $(BUILD)/botan.found

.PHONY: force check-is-there
force:
check-is-there:
	@$(PKG_CONFIG) --exists check || { echo 'check not found by $(PKG_CONFIG): run `make deps-test`' >&2; exit 1; }

-include $(patsubst %.o,%.d,$(LIB_OBJECTS) $(NET_OBJECTS) $(AUDIT_OBJECTS) $(CMD_OBJECTS) $(UNIT_OBJECTS) $(TOOL_OBJECTS) \
	$(FUZZ_OBJECTS) $(FUZZ_DRIVER))

# ---- one command from a bare machine: packages first, then a make that sees them ----

SUBMAKE = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: help deps deps-test deps-dev demo test test-one test-long check-asan
help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)$$/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r goal what; do \
		printf '  make %-14s %s\n' "$$goal" "$$what"; done

deps: ## install the Debian packages that building and the demo need, where they are missing
	@tests/tools/deps.sh demo
deps-test: ## and those that `make test` needs
	@tests/tools/deps.sh test
deps-dev: ## and those of lint, long tests, fuzzing and benches
	@tests/tools/deps.sh dev

demo: deps ## deps, build, and the main job on bundled data
	@$(SUBMAKE) all
	@VARLOCK=$(abspath $(PROGRAM)) tests/tools/demo.sh

test: deps-test ## deps-test, build, and the promises on small inputs; the last line is the sum
	@$(SUBMAKE) run-tests

# Quickly built, beside what is there.
test-one: deps-test ## one test in under a minute: CASE=golden (tests/cli) or SUITE=bdiff_index (tests/unit)
	@$(SUBMAKE) BUILD=build/one PROGRAM=build/one/varlock CFLAGS='-O1 -g' run-$(if $(SUITE),suite,case)

test-long: deps-dev ## deps-dev, build, and the rest: full breadth, large inputs, lint, sanitizers
	@MAKE='$(MAKE)' tests/tools/sum-goals.sh run-tests-long check-asan

.PHONY: igv
igv: ## fetch igv.js (1.5 MB, from npm) for `varlock serve --open`; needs python3
	@python3 src/net/page/fetch_igv.py $(BUILD)/igv

# What these need is too much to install for every test.
.PHONY: test-workflow test-cluster interop
test-workflow: ## install Snakemake (30 MB) and run examples/snakemake
test-cluster: ## the same through a Slurm of one node, which is installed, started and stopped
interop: ## exchange with the Crypt4GH tool and the htsget server in Rust (cargo, 6 minutes), htsjdk (maven), IGV
interop: CASE = c4gh_rust fetch_htsget_rs serve_igv
interop: EXTRA = libsodium-dev default-jdk-headless maven igv xvfb xauth
interop: export WITH_INTEROP = 1
test-workflow: CASE = snakemake
test-workflow: EXTRA = snakemake
test-cluster: CASE = slurm
test-cluster: EXTRA = snakemake slurm-wlm munge
test-cluster: export WITH_SLURM = 1
test-workflow test-cluster interop:
	@tests/tools/deps.sh test $(EXTRA)
	@$(SUBMAKE) all test-programs
	@VARLOCK=$(abspath $(PROGRAM)) TOOLS=$(abspath $(BUILD)/tests/tools) tests/cli/run.sh $(CASE)

check-asan: deps-test ## the tests of [TIER=quick] under AddressSanitizer and UBSan, in build/asan
	@$(SUBMAKE) BUILD=build/asan PROGRAM=build/asan/varlock CFLAGS='$(SANITIZE) -Werror' TIER=$(TIER) run-tests

# Data is made once and kept in build/bench.
.PHONY: bench bench-deep
RUNS ?= 5
BENCH_MB ?= 10
export RUNS BENCH_MB DATA PEER
bench: ## time commands beside samtools and bcftools: [BENCH_MB=10] [DATA=DIR] [PEER=DIR] [RUNS=5]
bench-deep: ## the same on deep data of growing sizes: [RUNS=5]
bench: BENCH = speed.py
bench-deep: BENCH = deep.py
bench bench-deep: deps-dev
	@$(SUBMAKE) all
	@VARLOCK=$(abspath $(PROGRAM)) python3 tests/bench/$(BENCH)

.PHONY: run-case run-suite
CASE ?= golden
run-case: $(PROGRAM) $(TOOLS) $(SHIMS) $(if $(filter fuzz_corpus,$(CASE)),$(FUZZERS))
	@VARLOCK=$(abspath $(PROGRAM)) TOOLS=$(abspath $(BUILD)/tests/tools) LIBRARY=$(LIBRARY) tests/cli/run.sh $(CASE)
run-suite: $(BUILD)/unit-tests
	@CK_RUN_SUITE=$(SUITE) $(BUILD)/unit-tests

# TIER: quick, long (what `quick` leaves out) or all; see tests/README.md.
.PHONY: test-programs run-tests run-tests-long lint format
TIER ?= quick
test-programs: $(BUILD)/unit-tests $(TOOLS) $(SHIMS) $(FUZZERS)
run-tests: $(PROGRAM) test-programs
	@VARLOCK=$(abspath $(PROGRAM)) UNIT_TESTS=$(BUILD)/unit-tests TIER=$(TIER) \
		TOOLS=$(abspath $(BUILD)/tests/tools) LIBRARY=$(LIBRARY) tests/tools/run-tests.sh
run-tests-long:
	@$(SUBMAKE) TIER=long run-tests

# The same targets with clang's fuzzer in place of the driver; what it finds stays in the corpus.
.PHONY: fuzz run-fuzzer
FUZZ_BUILD = build/fuzz
FUZZ_FLAGS := -O1 -DHTS_ALLOW_UNALIGNED=0 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
TARGET ?= fuzz_window
SECONDS ?= 60
fuzz: ## a decoder under clang's fuzzer, in build/fuzz: [TARGET=fuzz_window] [SECONDS=60]
	@command -v clang >/dev/null || { echo 'make fuzz: clang is not installed' >&2; exit 1; }
	@$(SUBMAKE) BUILD=$(FUZZ_BUILD) CC=clang CFLAGS='$(FUZZ_FLAGS)' run-fuzzer

$(BUILD)/libfuzzer/%: $(BUILD)/tests/fuzz/%.o $(LIBRARY)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(LIBRARY) $(PKG_LIBS)

run-fuzzer: $(BUILD)/libfuzzer/$(TARGET) $(BUILD)/tests/tools/fuzz_seeds
	@mkdir -p $(BUILD)/corpus
	@$(BUILD)/tests/tools/fuzz_seeds testdata/keys/owner.pem testdata/golden/owner.bdiff \
		testdata/golden/synth.bdiff \
		testdata/golden/pop.vac $(BUILD)/corpus
	@$(BUILD)/libfuzzer/$(TARGET) -max_total_time=$(SECONDS) -print_final_stats=1 \
		-artifact_prefix=$(BUILD)/corpus/ $(BUILD)/corpus/$(TARGET)

lint: $(PROGRAM) ## check the rules of the house
	@LIBRARY=$(LIBRARY) PROGRAM=$(PROGRAM) tests/tools/lint.sh

format: ## lay out the C files with clang-format
	clang-format -i $(C_FILES)

# ---- installation and release ----

# One object without the hidden names, which are out of the way of the programs that link it.
# Of the fat objects the machine code is taken: what is there for link-time optimisation does
# not survive the change of names.
$(BUILD)/installed/libvarlock.a: $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(CC) -fno-lto -r -nostdlib -o $(@D)/libvarlock.o $^
	$(OBJCOPY) --wildcard --remove-section='.gnu.lto_*' --remove-section='.gnu.debuglto_*' \
		--localize-hidden $(@D)/libvarlock.o
	rm -f $@
	$(AR) rcsD $@ $(@D)/libvarlock.o

.PHONY: install uninstall dist clean
HEADERS := $(addprefix include/varlock/,varlock.h restored.h hooks.h error.h)
DOCS := README.md NEWS.md LICENSE man/varlock-serve.png $(sort $(wildcard formats/*.md))
EXAMPLES := $(sort $(shell find examples -type f))

# What is not built: installed at DOCDIR under its path here.
installed_docs = $(addprefix $(DESTDIR)$(DOCDIR)/,$(DOCS) $(EXAMPLES))

install: $(PROGRAM) $(SHARED_LIBRARY) $(BUILD)/installed/libvarlock.a ## install below [DESTDIR][PREFIX=/usr/local]
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(LIBDIR)/pkgconfig $(INCLUDEDIR)/varlock $(MANDIR)/man1)
	install -m 755 $(PROGRAM) $(DESTDIR)$(BINDIR)/varlock
	install -m 644 $(BUILD)/installed/libvarlock.a $(SHARED_LIBRARY) $(DESTDIR)$(LIBDIR)/
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libvarlock.so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' -e 's| *@BOTAN@|$(if $(BOTAN), -lbotan-2)|' varlock.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/varlock.pc
	install -m 644 $(HEADERS) $(DESTDIR)$(INCLUDEDIR)/varlock/
	install -m 644 $(MAN_PAGES) $(DESTDIR)$(MANDIR)/man1/
	for f in $(DOCS) $(EXAMPLES); do \
		install -D -m "$$([ -x $$f ] && echo 755 || echo 644)" $$f $(DESTDIR)$(DOCDIR)/$$f || exit 1; \
	done
	[ ! -e $(BUILD)/igv/igv.min.js ] || install -D -m 644 $(BUILD)/igv/igv.min.js $(DESTDIR)$(BINDIR)/../share/varlock/igv.min.js
	$(if $(DESTDIR),,PATH=$$PATH:/sbin ldconfig || echo "ldconfig failed: programs may not find $(SONAME) yet")

# Folders go where they are empty and ours alone.
uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(BINDIR)/varlock $(DESTDIR)$(BINDIR)/../share/varlock/igv.min.js \
		$(addprefix $(DESTDIR)$(LIBDIR)/,libvarlock.a $(SONAME) libvarlock.so pkgconfig/varlock.pc) \
		$(addprefix $(DESTDIR)$(INCLUDEDIR)/varlock/,$(notdir $(HEADERS))) \
		$(addprefix $(DESTDIR)$(MANDIR)/man1/,$(notdir $(MAN_PAGES))) $(installed_docs)
	for d in $(DESTDIR)$(INCLUDEDIR)/varlock $(DESTDIR)$(DOCDIR); do \
		[ ! -d $$d ] || find $$d -depth -type d -empty -delete; \
	done

# Works in an unpacked tarball too, which lists its files.
dist: ## pack what is committed as varlock-VERSION.tar.gz: [DIST_DIR=.]
	@tests/tools/dist.sh $(VERSION) $(DIST_DIR)

clean: ## remove what was built
	rm -rf build varlock libvarlock.a $(SONAME) varlock-*.tar.gz
